#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
static __attribute__((noinline)) long fib(long n)
{
	if (n < 2)
		return n;
	return fib(n - 1) + fib(n - 2);
}

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	return fib(ctx->args[1] & 7);
}

char LICENSE[] SEC("license") = "GPL";
