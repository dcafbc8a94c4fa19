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
	__u32 *mark;
	void *data;

	if (bpf_xdp_adjust_meta(ctx, -4))
		return XDP_PASS;
	data = (void *)(long)ctx->data;
	mark = (void *)(long)ctx->data_meta;
	if ((void *)(mark + 1) > data)
		return XDP_PASS;
	*mark = 42;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
