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

struct q {
	struct bpf_spin_lock lock;
	__u32 tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct q);
} qs SEC(".maps");

static __always_inline int take(struct q *q)
{
	bpf_spin_lock(&q->lock);
	if (!q->tokens) {
		return 0;
	}
	q->tokens--;
	bpf_spin_unlock(&q->lock);
	return 1;
}

SEC("tc")
int shape(struct __sk_buff *skb)
{
	__u32 k = skb->ifindex;
	struct q *q = bpf_map_lookup_elem(&qs, &k);

	if (!q)
		return TC_ACT_OK;
	return take(q) ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
