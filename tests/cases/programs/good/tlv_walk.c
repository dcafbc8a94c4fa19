#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct tlv { __u8 type, len; };
SEC("xdp")
int x(struct xdp_md *ctx)
{
	void *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	int i;

	for (i = 0; i < 10; i++) {
		struct tlv *t = p;

		if ((void *)(t + 1) > end)
			return XDP_PASS;
		if (t->type == 255)
			return XDP_DROP;
		p += sizeof(*t) + t->len;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
