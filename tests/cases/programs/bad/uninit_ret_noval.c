#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	int r;

	return r;
}

char LICENSE[] SEC("license") = "GPL";
