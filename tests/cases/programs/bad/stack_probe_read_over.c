#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sched_process_exec")
int exec(struct bpf_raw_tracepoint_args *ctx)
{
	char name[12];

	bpf_probe_read_kernel_str(name, 24, (void *)ctx->args[2]);
	return name[0] == 'x';
}

char LICENSE[] SEC("license") = "GPL";
