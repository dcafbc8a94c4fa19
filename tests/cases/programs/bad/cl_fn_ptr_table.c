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

static __noinline int pass(int x) { return XDP_PASS + (x > 99); }
static __noinline int drop(int x) { return XDP_DROP + (x > 99); }

static int (*const handlers[])(int) = { pass, drop };

SEC("xdp")
int x(struct xdp_md *ctx)
{
	int q = ctx->rx_queue_index;

	return handlers[q & 1](q);
}

char LICENSE[] SEC("license") = "GPL";
