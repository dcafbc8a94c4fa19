#include <linux/bpf.h>
#include <trace/bpf_trace.h>

void f(struct bpf_context *ctx)
{
	uint64_t k = ctx->arg1;
	int which = ctx->arg2 & 1;
	uint64_t *n = bpf_table_lookup(ctx, which, &k);

	if (n)
		*n = 1;
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, sizeof(uint64_t), sizeof(uint64_t), 64, 0},
	{BPF_TABLE_HASH, sizeof(uint64_t), sizeof(uint64_t), 64, 0}
};
