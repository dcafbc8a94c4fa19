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

struct pkt {
	struct ethhdr *eth;
	struct iphdr *ip;
	struct udphdr *udp;
	void *end;
};

static __always_inline bool parse(struct xdp_md *ctx, struct pkt *p)
{
	void *cur = (void *)(long)ctx->data;

	p->end = (void *)(long)ctx->data_end;
	p->eth = cur;
	cur += sizeof(*p->eth);
	p->ip = cur;
	cur += sizeof(*p->ip);
	p->udp = cur;
	cur += sizeof(*p->udp);
	if (cur > p->end)
		return false;
	return p->eth->h_proto == bpf_htons(ETH_P_IP) && p->ip->ihl == 5 && p->ip->protocol == IPPROTO_UDP;
}

SEC("xdp")
int x(struct xdp_md *ctx)
{
	struct pkt p = {};

	if (!parse(ctx, &p))
		return XDP_PASS;
	if (p.udp->dest == bpf_htons(53) && p.ip->ttl < 5)
		return XDP_DROP;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
