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
int nat(struct __sk_buff *skb)
{
	void *d = (void *)(long)skb->data, *e = (void *)(long)skb->data_end;
	struct iphdr *ip = d + 14;
	__be32 old, new = bpf_htonl(0x0a000001);

	if ((void *)(ip + 1) > e)
		return TC_ACT_OK;
	old = ip->daddr;
	bpf_l3_csum_replace(skb, 14 + 10, old, new, 4);
	bpf_skb_store_bytes(skb, 14 + 16, &new, 4, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
