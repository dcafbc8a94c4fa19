#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

SEC("tp_btf/sched_switch")
int BPF_PROG(sw, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct task_struct *parent;
	int pid = 0;

	bpf_rcu_read_lock();
	parent = next->real_parent;
	if (!parent)
		return 0;
	pid = parent->pid;
out:
	bpf_rcu_read_unlock();
	bpf_printk("%d", pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
