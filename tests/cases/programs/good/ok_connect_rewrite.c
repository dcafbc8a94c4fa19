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

SEC("cgroup/connect4")
int x(struct bpf_sock_addr *ctx)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk;

	if (ctx->protocol != IPPROTO_TCP || ctx->user_port != bpf_htons(80))
		return 1;
	t.ipv4.daddr = ctx->user_ip4;
	t.ipv4.dport = ctx->user_port;
	sk = bpf_sk_lookup_tcp(ctx, &t, sizeof(t.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 1;
	if (sk->state == BPF_TCP_LISTEN) {
		ctx->user_ip4 = bpf_htonl(0x7f000001);
		ctx->user_port = bpf_htons(8080);
	}
	bpf_sk_release(sk);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
