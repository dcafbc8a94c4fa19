#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym;

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);

	return kernel->len > 100 ? 2 : 0;
}

char LICENSE[] SEC("license") = "GPL";
