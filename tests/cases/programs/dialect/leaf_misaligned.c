#include <linux/bpf.h>
#include <trace/bpf_trace.h>

void f(struct bpf_context *ctx)
{
	uint64_t k = 1;
	char *s = bpf_table_lookup(ctx, 0, &k);

	if (s)
		*(uint64_t *)(s + 2) = 5;
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, 8, 16, 32, 0}
};
