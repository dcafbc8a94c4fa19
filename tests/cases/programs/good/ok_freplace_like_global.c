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

__noinline int policy(struct __sk_buff *skb, __u32 mark)
{
	volatile int ret = TC_ACT_OK;

	if (!skb)
		return TC_ACT_SHOT;
	if (mark == 0xdead)
		ret = TC_ACT_SHOT;
	return ret;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	return policy(skb, skb->mark);
}

char LICENSE[] SEC("license") = "GPL";
