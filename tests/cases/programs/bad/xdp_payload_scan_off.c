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
int scan(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;
	int i;

	if (p + 64 > end)
		return XDP_PASS;
	for (i = 0; i < 64; i++)
		if (p[i + 1] == 0xff)
			return XDP_DROP;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
