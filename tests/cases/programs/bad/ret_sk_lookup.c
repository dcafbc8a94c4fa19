#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("sk_lookup")
int sel(struct bpf_sk_lookup *ctx)
{
	if (ctx->local_port == 7777)
		return 2;
	return SK_PASS;
}

char LICENSE[] SEC("license") = "GPL";
