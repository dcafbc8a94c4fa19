#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup/dev")
int dv(struct bpf_cgroup_dev_ctx *ctx)
{
	if (ctx->major == 10 && ctx->minor == 200)
		return 1;
	return -1;
}

char LICENSE[] SEC("license") = "GPL";
