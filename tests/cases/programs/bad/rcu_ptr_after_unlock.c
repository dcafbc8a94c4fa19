#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;
int bpf_cpumask_first(const struct cpumask *cpumask) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(x, struct task_struct *t, u64 flags)
{
	const struct cpumask *m;

	bpf_rcu_read_lock();
	m = t->cpus_ptr;
	bpf_rcu_read_unlock();
	return bpf_cpumask_first(m);
}

char LICENSE[] SEC("license") = "GPL";
