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

static __noinline int verdict(__u32 port)
{
	if (port < 1024)
		return 2 + 2;
	return 1;
}

SEC("cgroup/bind4")
int bd(struct bpf_sock_addr *ctx)
{
	return verdict(bpf_ntohs(ctx->user_port));
}

char LICENSE[] SEC("license") = "GPL";
