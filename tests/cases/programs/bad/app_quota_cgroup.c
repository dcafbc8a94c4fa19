#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct quota { __u64 left; __u32 hits; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, struct quota);
} quotas SEC(".maps");
SEC("cgroup_skb/egress")
int quota(struct __sk_buff *skb)
{
	__u64 id = bpf_skb_cgroup_id(skb);
	struct quota *q = bpf_map_lookup_elem(&quotas, &id);

	if (!q)
		return 1;
	if (q->left < skb->len) {
		__sync_fetch_and_add(&q->hits, 1);
		return 0;
	}
	q->left -= skb->len;
	return q->hits;
}

char LICENSE[] SEC("license") = "GPL";
