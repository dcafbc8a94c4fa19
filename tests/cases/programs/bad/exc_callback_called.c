#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
extern void bpf_throw(__u64 cookie) __ksym;

__attribute__((noinline)) int caught(__u64 cookie)
{
	return cookie > 100 ? 2 : 0;
}

SEC("tc")
__attribute__((btf_decl_tag("exception_callback:caught")))
int x(struct __sk_buff *skb)
{
	if (skb->len > 100)
		bpf_throw(skb->len);
	return caught(skb->len);
}

char LICENSE[] SEC("license") = "GPL";
