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

SEC("xdp")
int x(struct xdp_md *ctx)
{
	__u8 hdr[20];
	__u32 n = ctx->rx_queue_index;

	if (n > 21)
		return XDP_PASS;
	if (bpf_xdp_load_bytes(ctx, 14, hdr, n))
		return XDP_PASS;
	return hdr[0] ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
