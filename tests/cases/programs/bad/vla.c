#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	int n = ctx->args[1] & 15;
	char buf[n + 1];

	bpf_get_current_comm(buf, n + 1);
	return buf[0];
}

char LICENSE[] SEC("license") = "GPL";
