#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
SEC("netfilter")
int x(struct bpf_nf_ctx *ctx)
{
	struct sk_buff *skb = ctx->skb;

	return skb->len > 2000 ? 0 : 1;
}

char LICENSE[] SEC("license") = "GPL";
