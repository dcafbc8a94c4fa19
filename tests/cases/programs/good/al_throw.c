#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
extern void bpf_throw(u64 cookie) __ksym;
static __attribute__((noinline)) int need(struct __sk_buff *skb)
{
	if (skb->len < 14)
		bpf_throw(2);
	return skb->mark;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	return need(skb) + 1;
}

char LICENSE[] SEC("license") = "GPL";
