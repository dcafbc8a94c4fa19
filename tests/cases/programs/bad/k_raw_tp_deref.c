#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("raw_tp/sched_switch")
int sw(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *next = (void *)ctx->args[2];

	bpf_printk("next %d", next->pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
