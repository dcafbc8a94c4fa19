#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} ra SEC(".maps");

SEC("sk_reuseport")
int x(struct sk_reuseport_md *ctx)
{
	__u32 k = ctx->hash % 8;

	return bpf_sk_select_reuseport(ctx, &ra, &k, 0) ? SK_DROP : SK_PASS;
}

char LICENSE[] SEC("license") = "GPL";
