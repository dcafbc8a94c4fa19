#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} st SEC(".maps");

SEC("sockops")
int x(struct bpf_sock_ops *ctx)
{
	__u64 *v = bpf_sk_storage_get(&st, ctx, 0, 1);

	if (v)
		*v += 1;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
