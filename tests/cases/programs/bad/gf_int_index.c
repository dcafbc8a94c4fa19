#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u32 bins[32];

__noinline int bump(int i)
{
	bins[i]++;
	return 0;
}

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	return bump(3);
}

char LICENSE[] SEC("license") = "GPL";
