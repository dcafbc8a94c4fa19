#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char out[64];
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	static const char fmt[] = "nr %lld at %p: %s";
	static const char who[] = "me";
	__u64 a[] = { ctx->args[1], ctx->args[0], (__u64)who };

	return bpf_snprintf(out, sizeof(out), fmt, a, sizeof(a)) < 0;
}

char LICENSE[] SEC("license") = "GPL";
