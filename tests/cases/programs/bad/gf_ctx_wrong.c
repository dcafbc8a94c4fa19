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

__noinline int len_of(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct { __u32 a[48]; } fake = {};

	return len_of((void *)&fake) > 100;
}

char LICENSE[] SEC("license") = "GPL";
