#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
extern void bpf_throw(__u64 cookie) __ksym;

static long turn(__u64 i, void *ctx)
{
	if (i > 3)
		bpf_throw(i);
	return 0;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	bpf_loop(skb->len & 7, turn, NULL, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
