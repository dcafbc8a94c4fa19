#include <linux/bpf.h>
#include <trace/bpf_trace.h>

struct nd { char pad[16]; char name[16]; };
void f(struct bpf_context *ctx)
{
	char want[8] = "eth0";
	char fmt[] = "eth0 %d\n";
	struct nd *d = (struct nd *)ctx->arg1;

	if (bpf_memcmp(d->name, want, 5) == 0)
		bpf_trace_printk(fmt, sizeof(fmt), ctx->arg2, 0, 0);
}

struct bpf_table tables[] = {
	{BPF_TABLE_HASH, sizeof(uint64_t), sizeof(uint64_t), 64, 0}
};
