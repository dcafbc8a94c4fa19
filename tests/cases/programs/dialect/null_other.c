#include <linux/bpf.h>
#include <trace/bpf_trace.h>

void f(struct bpf_context *ctx)
{
	uint64_t k = ctx->arg1, j = ctx->arg2;
	uint64_t *a = bpf_table_lookup(ctx, 0, &k);
	uint64_t *b = bpf_table_lookup(ctx, 0, &j);

	if (a)
		*b = 1;
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, sizeof(uint64_t), sizeof(uint64_t), 64, 0}
};
