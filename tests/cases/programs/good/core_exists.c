#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
struct task_struct___old { long state; } __attribute__((preserve_access_index));
SEC("raw_tp/sched_switch")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *t = (void *)ctx->args[1];
	long s;

	if (bpf_core_field_exists(t->__state))
		s = BPF_CORE_READ(t, __state);
	else
		s = BPF_CORE_READ((struct task_struct___old *)t, state);
	bpf_printk("%ld", s);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
