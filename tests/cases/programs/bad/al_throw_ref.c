#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
extern void bpf_throw(u64 cookie) __ksym;
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("tc")
int x(struct __sk_buff *skb)
{
	u64 *p = bpf_ringbuf_reserve(&rb, 8, 0);

	if (!p)
		return 0;
	*p = skb->len;
	if (*p > 100)
		bpf_throw(1);
	bpf_ringbuf_submit(p, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
