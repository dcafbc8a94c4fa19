#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct st { u32 a, b; };
#ifndef __arg_nonnull
#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))
#endif
__attribute__((noinline)) int sum(struct st *s __arg_nonnull)
{
	return s->a + s->b;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct st s = { skb->len, 2 };

	return sum(&s) & 1;
}

char LICENSE[] SEC("license") = "GPL";
