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

struct b {
	struct bpf_spin_lock lock;
	__u64 last;
	__u64 n;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct b);
} bs SEC(".maps");

SEC("xdp")
int x(struct xdp_md *ctx)
{
	__u32 z = 0;
	struct b *b = bpf_map_lookup_elem(&bs, &z);
	__u64 now;

	if (!b)
		return XDP_PASS;
	bpf_spin_lock(&b->lock);
	now = bpf_ktime_get_ns();
	b->last = now;
	b->n++;
	bpf_spin_unlock(&b->lock);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
