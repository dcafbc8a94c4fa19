#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
enum kind { READ, WRITE, SYNC, NKIND };
__u64 counts[NKIND];

static __always_inline enum kind kind_of(__u64 nr)
{
	switch (nr) {
	case 0: return READ;
	case 1: return WRITE;
	default: return SYNC;
	}
}

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	counts[kind_of(ctx->args[1])]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
