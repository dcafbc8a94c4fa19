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

struct ext {
	__u8 next;
	__u8 len;
};

SEC("xdp")
int v6(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ip6 = data + ETH_HLEN;
	void *p = ip6 + 1;
	__u8 next;
	int i;

	if (p > data_end)
		return XDP_PASS;
	next = ip6->nexthdr;
	for (i = 0; i < 4; i++) {
		struct ext *e = p;

		if (next != 0 && next != 60 && next != 43)
			break;
		if (i == 0 && (void *)(e + 1) > data_end)
			return XDP_PASS;
		next = e->next;
		p += (e->len + 1) * 8;
	}
	return next == 58 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
