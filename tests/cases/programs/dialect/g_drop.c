#include <linux/bpf.h>
#include <trace/bpf_trace.h>

void dropmon(struct bpf_context *ctx)
{
	void *loc = (void *)ctx->arg2;
	uint64_t *c = bpf_table_lookup(ctx, 0, &loc);

	if (!c) {
		uint64_t init = 1;

		bpf_table_update(ctx, 0, &loc, &init);
		return;
	}
	__sync_fetch_and_add(c, 1);
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, sizeof(void *), sizeof(uint64_t), 4096, 0}
};
