#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct lpm { __u32 len; __u32 addr; };
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 100);
	__type(key, struct lpm);
	__type(value, __u32);
} routes SEC(".maps");

SEC("xdp")
int route(struct xdp_md *ctx)
{
	struct lpm k = { 32, 1 };

	return bpf_map_lookup_elem(&routes, &k) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
