#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	static const char fmt[] = "hello";
	__u64 a[3] = { 1, 2, 3 };
	char out[16] = {};
	__u64 n = ctx->args[1] & 16;

	bpf_snprintf(out, sizeof(out), fmt, a, n);
	return out[0];
}

char LICENSE[] SEC("license") = "GPL";
