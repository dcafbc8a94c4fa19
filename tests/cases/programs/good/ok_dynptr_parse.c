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

extern int bpf_dynptr_from_xdp(struct xdp_md *x, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, __u32 off, void *buf, __u32 len) __ksym;

static __always_inline int parse(struct bpf_dynptr *d, __u64 *off, __u8 *proto)
{
	__u8 b[20];
	struct iphdr *ip = bpf_dynptr_slice(d, *off, b, sizeof(b));

	if (!ip)
		return -1;
	*proto = ip->protocol;
	*off += ip->ihl * 4;
	return 0;
}

SEC("xdp")
int x(struct xdp_md *ctx)
{
	struct bpf_dynptr d;
	__u64 off = 14;
	__u8 proto = 0, b2[8];
	struct udphdr *u;

	if (bpf_dynptr_from_xdp(ctx, 0, &d))
		return XDP_PASS;
	if (parse(&d, &off, &proto) || proto != IPPROTO_UDP)
		return XDP_PASS;
	u = bpf_dynptr_slice(&d, off, b2, sizeof(b2));
	if (!u)
		return XDP_PASS;
	return u->dest == bpf_htons(53) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
