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
	__type(value, __u8[1500]);
} buf SEC(".maps");

SEC("tc")
int x(struct __sk_buff *skb)
{
	__u32 z = 0, len = skb->len;
	__u8 *b = bpf_map_lookup_elem(&buf, &z);

	if (!b || len <= 14)
		return TC_ACT_OK;
	len -= 14;
	if (len > 1500)
		len = 1500;
	if (len < 1)
		return TC_ACT_OK;
	if (bpf_skb_load_bytes(skb, 14, b, len))
		return TC_ACT_OK;
	return b[len - 1] ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
