#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 max_slots = 16;
__u64 slots[64];

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 i, n = max_slots;

	if (n > 64)
		n = 64;
	for (i = 0; i < n; i++) {
		if (slots[i] == (__u64)ctx->args[1])
			break;
		if (!slots[i]) {
			slots[i] = ctx->args[1];
			break;
		}
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
