#include <linux/bpf.h>
#include <trace/bpf_trace.h>

void scan(struct bpf_context *ctx)
{
	uint64_t n = ctx->arg1, i, sum = 0;

	for (i = 0; i < n; i++)
		sum += i;
	bpf_table_update(ctx, 0, &n, &sum);
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, 8, 8, 64, 0}
};
