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
int walk(struct xdp_md *ctx)
{
	volatile __u32 left = 10;

	while (left != 0) {
		__u32 x = bpf_get_prandom_u32();

		if (x & 1)
			left = left - 1;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
