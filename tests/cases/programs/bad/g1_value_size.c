#include <linux/bpf.h>
#include <trace/bpf_trace.h>

struct leaf {
	uint64_t n;
	uint32_t last;
};

void add(struct bpf_context *ctx)
{
	uint32_t key = ctx->arg1;
	struct leaf *l = bpf_table_lookup(ctx, 0, &key);

	if (!l)
		return;
	l->n++;
	l->last = 7;
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, sizeof(uint32_t), sizeof(uint64_t), 64, 0}
};
