#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
__u32 t[256];
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u8 i = ctx->args[1];

	i += 200;
	t[i]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
