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

SEC("cgroup/sendmsg4")
int sm(struct bpf_sock_addr *ctx)
{
	int rc = 2;

	if (ctx->user_ip4 == bpf_htonl(0x08080808))
		rc = 0;
	return rc;
}

char LICENSE[] SEC("license") = "GPL";
