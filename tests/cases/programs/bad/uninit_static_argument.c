#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
static __attribute__((noinline)) int mix(int a, int b)
{
	return a ^ b ^ bpf_get_prandom_u32();
}

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	int seed;

	return mix(seed, ctx->args[1]);
}

char LICENSE[] SEC("license") = "GPL";
