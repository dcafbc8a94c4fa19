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

static __always_inline __u16 fold(__u64 c)
{
	int i;

#pragma unroll
	for (i = 0; i < 4; i++)
		if (c >> 16)
			c = (c & 0xffff) + (c >> 16);
	return ~c;
}

SEC("xdp")
int x(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + 14;
	__u64 c;

	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	ip->ttl--;
	ip->check = 0;
	c = bpf_csum_diff(0, 0, (void *)ip, sizeof(*ip), 0);
	ip->check = fold(c);
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
