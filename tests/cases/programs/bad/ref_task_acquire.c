#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(nt, struct task_struct *t, u64 flags)
{
	struct task_struct *a = bpf_task_acquire(t);

	if (!a)
		return 0;
	if (a->pid == 1)
		return 0;
	bpf_task_release(a);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
