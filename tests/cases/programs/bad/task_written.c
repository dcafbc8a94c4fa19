#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

SEC("tp_btf/task_newtask")
int BPF_task(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	bpf_probe_read_kernel(task->comm, 16, task);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
