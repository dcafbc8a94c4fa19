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
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u8 *b = (void *)(ip + 1);

	if ((void *)b > end)
		return XDP_PASS;
	b -= sizeof(*ip);
	return (b[0] >> 4) == 4 && (void *)b - data == 14 ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
