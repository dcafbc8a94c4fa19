#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("tracepoint/sched/sched_process_exec")
int x(void *ctx)
{
	char comm[8];

	bpf_get_current_comm(&comm, 16);
	return comm[0] == 's';
}

char LICENSE[] SEC("license") = "GPL";
