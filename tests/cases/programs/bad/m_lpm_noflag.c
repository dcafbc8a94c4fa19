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

struct lpm_key {
	__u32 prefixlen;
	__be32 addr;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 255);
	__type(key, struct lpm_key);
	__type(value, __u32);
} routes SEC(".maps");

SEC("tc")
int rt(struct __sk_buff *skb)
{
	struct lpm_key k = { 32, skb->mark };
	__u32 *nh = bpf_map_lookup_elem(&routes, &k);

	return nh ? bpf_redirect(*nh, 0) : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
