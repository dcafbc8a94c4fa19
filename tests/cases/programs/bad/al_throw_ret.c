#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
extern void bpf_throw(u64 cookie) __ksym;
SEC("cgroup_skb/egress")
int x(struct __sk_buff *skb)
{
	if (skb->len > 100)
		bpf_throw(64);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
