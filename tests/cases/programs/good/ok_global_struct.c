#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__u64 slots[64];
	__u32 used;
} table;

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 n = table.used;

	if (n < 64) {
		table.slots[n] = ctx->args[1];
		table.used = n + 1;
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
