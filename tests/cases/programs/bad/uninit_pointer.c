#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 *p;

	return *p;
}

char LICENSE[] SEC("license") = "GPL";
