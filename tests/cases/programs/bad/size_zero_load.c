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
int ld(struct __sk_buff *skb)
{
	char b[32];
	__u32 n = skb->len;

	if (n > sizeof(b))
		n = sizeof(b);
	bpf_skb_load_bytes(skb, 0, b, n);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
