#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 h[21];

SEC("raw_tp/sys_exit")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	long ret = ctx->args[1];
	int i = ret;

	if (i < -10)
		i = -10;
	if (i > 10)
		i = 10;
	h[i + 10]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
