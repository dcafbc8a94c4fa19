#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

void bpf_preempt_disable(void) __ksym;
void bpf_preempt_enable(void) __ksym;

SEC("tp_btf/sched_wakeup")
int BPF_PROG(wk, struct task_struct *p)
{
	bpf_preempt_disable();
	if (p->flags & 1)
		return 0;
	bpf_printk("x");
	bpf_preempt_enable();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
