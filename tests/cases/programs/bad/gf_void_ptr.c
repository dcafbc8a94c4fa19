#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__noinline int peek(void *p, int n)
{
	if (!p)
		return 0;
	return *(char *)p + n;
}

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	char b[4] = {};

	return peek(b, 1);
}

char LICENSE[] SEC("license") = "GPL";
