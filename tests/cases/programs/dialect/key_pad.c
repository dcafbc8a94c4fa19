#include <linux/bpf.h>
#include <trace/bpf_trace.h>

struct key { uint64_t addr; uint32_t cpu; };
void f(struct bpf_context *ctx)
{
	struct key k;
	uint64_t *n;

	k.addr = ctx->arg1;
	k.cpu = ctx->arg2;
	n = bpf_table_lookup(ctx, 0, &k);
	if (n)
		*n = 1;
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, sizeof(struct key), 8, 32, 0}
};
