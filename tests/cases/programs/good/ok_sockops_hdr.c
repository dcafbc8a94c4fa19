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

SEC("sockops")
int x(struct bpf_sock_ops *ctx)
{
	int rv = -1;

	switch (ctx->op) {
	case BPF_SOCK_OPS_TIMEOUT_INIT:
		rv = 10;
		break;
	case BPF_SOCK_OPS_RWND_INIT:
		rv = 40;
		break;
	case BPF_SOCK_OPS_TCP_CONNECT_CB: {
		int clamp = 100;

		rv = bpf_setsockopt(ctx, 6, 10, &clamp, sizeof(clamp));
		bpf_sock_ops_cb_flags_set(ctx, BPF_SOCK_OPS_STATE_CB_FLAG);
		break;
	}
	}
	ctx->reply = rv;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
