#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
static __attribute__((noinline)) int inner(struct __sk_buff *skb)
{
	char b[320];

	bpf_skb_load_bytes(skb, 0, b, 256);
	return b[skb->mark & 255];
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	char a[320];
	int r;

	bpf_skb_load_bytes(skb, 0, a, 256);
	r = inner(skb);
	return r == a[skb->mark & 255] ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
