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
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} sm SEC(".maps");

SEC("tc")
int t(struct __sk_buff *skb)
{
	__u32 k = 0, *v;

	v = bpf_map_lookup_elem(&sm, &k);
	if (v)
		skb->mark = *v;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
