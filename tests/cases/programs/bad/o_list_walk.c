#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_process_fork")
int BPF_PROG(fk, struct task_struct *parent, struct task_struct *child)
{
	struct task_struct *t = child;
	int depth = 0;

	while (t->pid) {
		t = BPF_CORE_READ(t, real_parent);
		if (!t)
			break;
		depth++;
		bpf_probe_read_kernel(&t, sizeof(t), &t->real_parent);
		t = bpf_get_current_task_btf();
	}
	bpf_printk("%d", depth);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
