#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
int stop;

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
again:
	if (!*(volatile int *)&stop)
		goto again;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
