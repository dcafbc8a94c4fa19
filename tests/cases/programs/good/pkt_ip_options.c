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
int x(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + ETH_HLEN;
	struct udphdr *udp;
	__u32 hl;

	if ((void *)(ip + 1) > end)
		return TC_ACT_OK;
	hl = ip->ihl * 4;
	if (hl < sizeof(*ip))
		return TC_ACT_OK;
	udp = (void *)ip + hl;
	if ((void *)(udp + 1) > end)
		return TC_ACT_OK;
	if (udp->dest == bpf_htons(4789))
		return TC_ACT_SHOT;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
