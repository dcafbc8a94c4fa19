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

static __noinline int leaf(struct __sk_buff *skb)
{
	char buf[300];

	if (bpf_skb_load_bytes(skb, 0, buf, sizeof(buf)))
		return 0;
	return buf[7];
}

SEC("tc")
int top(struct __sk_buff *skb)
{
	char mine[256];

	if (bpf_skb_load_bytes(skb, 14, mine, sizeof(mine)))
		return 0;
	return leaf(skb) + mine[3];
}

char LICENSE[] SEC("license") = "GPL";
