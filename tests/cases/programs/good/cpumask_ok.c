#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct bpf_cpumask *bpf_cpumask_create(void) __ksym;
void bpf_cpumask_release(struct bpf_cpumask *c) __ksym;
void bpf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *c) __ksym;
u32 bpf_cpumask_first(const struct cpumask *m) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(x, struct task_struct *t, u64 flags)
{
	struct bpf_cpumask *c = bpf_cpumask_create();
	u32 n;

	if (!c)
		return 0;
	bpf_cpumask_set_cpu(1, c);
	n = bpf_cpumask_first((struct cpumask *)c);
	n += bpf_cpumask_first(t->cpus_ptr);
	bpf_cpumask_release(c);
	return n & 0;
}

char LICENSE[] SEC("license") = "GPL";
