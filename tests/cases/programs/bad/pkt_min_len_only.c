#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("xdp")
int x(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data;
	__u32 len = ctx->data_end - ctx->data;

	if (len < 34)
		return XDP_PASS;
	return p[23] == IPPROTO_TCP ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
