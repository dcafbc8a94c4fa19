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
int sel(struct __sk_buff *skb)
{
	__u64 seen[8] = {};
	int i = skb->mark;

	if (i < 8)
		seen[i] = skb->len;
	return seen[skb->priority & 7] ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
