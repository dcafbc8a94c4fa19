#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("socket")
int sni(struct __sk_buff *skb)
{
	__u8 hello[64] = {};
	__u8 sidlen;

	if (bpf_skb_load_bytes(skb, 54, hello, sizeof(hello)) < 0)
		return 0;
	sidlen = hello[43];
	return hello[44 + sidlen];
}

char LICENSE[] SEC("license") = "GPL";
