#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;
int ppid;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(x, struct task_struct *t)
{
	struct task_struct *parent;

	bpf_rcu_read_lock();
	parent = t->real_parent;
	if (parent)
		ppid = parent->pid;
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
