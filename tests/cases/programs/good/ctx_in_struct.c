#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct pc { struct __sk_buff *skb; void *data, *end; __u32 off; };
static __always_inline void *take(struct pc *c, __u32 n)
{
	void *p = c->data + c->off;

	if (p + n > c->end)
		return NULL;
	c->off += n;
	return p;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct pc c = { skb, (void *)(long)skb->data, (void *)(long)skb->data_end, 0 };
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct iphdr *ip;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	ip = take(&c, sizeof(*ip));
	if (!ip)
		return TC_ACT_OK;
	return ip->protocol == IPPROTO_ICMP ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
