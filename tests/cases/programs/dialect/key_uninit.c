#include <linux/bpf.h>
#include <trace/bpf_trace.h>

void f(struct bpf_context *ctx)
{
	uint64_t k;
	uint64_t *n;

	if (ctx->arg1 == 3)
		k = 1;
	n = bpf_table_lookup(ctx, 0, &k);
	if (n)
		*n = 1;
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, sizeof(uint64_t), sizeof(uint64_t), 64, 0}
};
