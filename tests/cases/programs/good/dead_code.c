#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
const volatile __u32 limit = 100;
SEC("xdp")
int x(struct xdp_md *ctx)
{
	void *d = (void *)(long)ctx->data, *e = (void *)(long)ctx->data_end;

	if (limit > 1000 && d + limit <= e)
		return *(__u8 *)(d + 2000);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
