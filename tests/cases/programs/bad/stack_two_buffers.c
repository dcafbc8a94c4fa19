#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("tc")
int big(struct __sk_buff *skb)
{
	char a[300];
	char b[300];

	bpf_skb_load_bytes(skb, 0, a, sizeof(a));
	bpf_skb_load_bytes(skb, 0, b, sizeof(b));
	return a[skb->len & 127] == b[skb->len & 63] ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
