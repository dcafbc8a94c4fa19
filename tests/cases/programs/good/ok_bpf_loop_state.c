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

struct st {
	struct xdp_md *ctx;
	__u32 off;
	__u32 found;
};

static long step(__u32 i, struct st *s)
{
	void *data = (void *)(long)s->ctx->data, *end = (void *)(long)s->ctx->data_end;
	__u8 *p;

	if (s->off > 1000)
		return 1;
	p = data + s->off;
	if ((void *)(p + 2) > end)
		return 1;
	if (p[0] == 0xfe) {
		s->found++;
		return 1;
	}
	s->off += p[1] + 2;
	return 0;
}

SEC("xdp")
int x(struct xdp_md *ctx)
{
	struct st s = { ctx, 14, 0 };

	bpf_loop(32, step, &s, 0);
	return s.found ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
