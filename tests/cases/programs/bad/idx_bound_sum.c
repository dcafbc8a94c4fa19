#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct tab { __u32 v[32]; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tab);
} tabs SEC(".maps");
SEC("xdp")
int sum(struct xdp_md *ctx)
{
	__u32 z = 0, a = bpf_get_prandom_u32(), b = bpf_get_prandom_u32();
	struct tab *t = bpf_map_lookup_elem(&tabs, &z);

	if (!t || a >= 16 || b > 16)
		return XDP_PASS;
	t->v[a + b + 1] = 1;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
