#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(x, struct task_struct *t, u64 flags)
{
	bpf_task_release(t);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
