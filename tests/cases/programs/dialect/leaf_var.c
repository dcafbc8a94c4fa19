#include <linux/bpf.h>
#include <trace/bpf_trace.h>

struct st { uint64_t slot[8]; };
void f(struct bpf_context *ctx)
{
	uint64_t k = 1;
	struct st *s = bpf_table_lookup(ctx, 0, &k);

	if (s)
		s->slot[ctx->arg1 & 7] += 1;
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, 8, sizeof(struct st), 32, 0}
};
