#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tracepoint/sched/sched_process_exit")
int ex(void *ctx)
{
	char comm[8];

	bpf_get_current_comm(comm, 16);
	bpf_printk("%s", comm);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
