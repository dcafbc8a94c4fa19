#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
__u64 hits[32];

SEC("raw_tp/sys_exit")
int ret(struct bpf_raw_tracepoint_args *ctx)
{
	long r = ctx->args[1];

	if (r < 32)
		hits[r]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
