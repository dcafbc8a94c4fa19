#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char copy[64];

SEC("raw_tp/sys_enter")
int cp(struct bpf_raw_tracepoint_args *ctx)
{
	char buf[64];
	long n;

	n = bpf_probe_read_user_str(buf, sizeof(buf), (void *)ctx->args[1]);
	bpf_probe_read_kernel(copy, n, buf);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
