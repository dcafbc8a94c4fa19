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

struct tb {
	struct bpf_spin_lock lock;
	__u64 tokens;
	__u64 last;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100);
	__type(key, __u32);
	__type(value, struct tb);
} tbs SEC(".maps");

static __always_inline int consume(struct tb *t, __u64 now, __u32 n)
{
	int ok = 0;

	bpf_spin_lock(&t->lock);
	t->tokens += (now - t->last) >> 14;
	if (t->tokens > 1000000)
		t->tokens = 1000000;
	t->last = now;
	if (t->tokens < n)
		goto out;
	t->tokens -= n;
	ok = 1;
out:
	bpf_spin_unlock(&t->lock);
	return ok;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	__u32 k = skb->ifindex;
	struct tb *t = bpf_map_lookup_elem(&tbs, &k);

	if (!t)
		return TC_ACT_OK;
	return consume(t, bpf_ktime_get_ns(), skb->len) ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
