#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __thread int seen;

SEC("raw_tp/sys_exit")
int x(void *ctx)
{
	return seen++;
}

char LICENSE[] SEC("license") = "GPL";
