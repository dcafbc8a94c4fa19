#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("tracepoint/sched/sched_switch")
int cm(void *ctx)
{
	bpf_get_current_comm(ctx, 16);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
