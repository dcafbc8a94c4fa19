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
int two(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *a, *b;

	a = bpf_sk_lookup_tcp(skb, &t, sizeof(t.ipv4), -1, 0);
	if (!a)
		return TC_ACT_OK;
	b = bpf_sk_lookup_udp(skb, &t, sizeof(t.ipv4), -1, 0);
	if (b)
		bpf_sk_release(a);
	bpf_sk_release(a);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
