#include <linux/bpf.h>
#include <trace/bpf_trace.h>

struct st { uint64_t n; uint64_t last; };
void f(struct bpf_context *ctx)
{
	uint64_t k = ctx->arg1;
	struct st s;

	s.n = 1;
	bpf_table_update(ctx, 0, &k, &s);
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, 8, sizeof(struct st), 32, 0}
};
