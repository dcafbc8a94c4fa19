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

SEC("tc")
int trim(struct __sk_buff *skb)
{
	if (skb->len > 1500)
		skb->len = 1500;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
