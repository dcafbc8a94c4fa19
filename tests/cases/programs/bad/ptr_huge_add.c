#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
__u8 big[64];
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u8 *p = big;

	asm volatile("" : "+r"(p));
	p += 1UL << 31;
	return *(volatile __u8 *)p;
}

char LICENSE[] SEC("license") = "GPL";
