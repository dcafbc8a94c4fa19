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
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 *seq = data + 16;

	if ((void *)(seq + 1) > end)
		return XDP_PASS;
	__sync_fetch_and_add(seq, 1);
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
