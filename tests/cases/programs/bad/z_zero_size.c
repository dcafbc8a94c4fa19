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
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[256]);
} tmp SEC(".maps");

SEC("tc")
int payload(struct __sk_buff *skb)
{
	__u32 z = 0, n = skb->len;
	char *b = bpf_map_lookup_elem(&tmp, &z);

	if (!b)
		return TC_ACT_OK;
	if (n > 256)
		n = 256;
	if (bpf_skb_load_bytes(skb, 0, b, n))
		return TC_ACT_OK;
	return b[0] == 'X' ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
