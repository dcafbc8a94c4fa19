#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline int even(int n);

static __noinline int odd(int n)
{
	return n == 0 ? 0 : even(n - 1);
}

static __noinline int even(int n)
{
	return n == 0 ? 1 : odd(n - 1);
}

SEC("raw_tp/sys_exit")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	return odd(ctx->args[1] & 7);
}

char LICENSE[] SEC("license") = "GPL";
