#include <linux/bpf.h>
#include <trace/bpf_trace.h>

struct key { uint64_t a; uint32_t b; uint32_t pad; };
struct val { uint64_t n, last; };
void f(struct bpf_context *ctx)
{
	struct key k = {};
	struct val *v, init = {1, 0};

	k.a = ctx->arg1;
	k.b = ctx->arg3;
	v = bpf_table_lookup(ctx, 0, &k);
	if (v) {
		v->n += 1;
		v->last = ctx->arg4;
	} else {
		init.last = ctx->arg4;
		bpf_table_update(ctx, 0, &k, &init);
	}
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, sizeof(struct key), sizeof(struct val), 64, 0}
};
