#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("iter/task_file")
int x(struct bpf_iter__task_file *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *t = ctx->task;
	struct file *f = ctx->file;

	if (!t || !f)
		return 0;
	if (ctx->meta->seq_num == 0)
		BPF_SEQ_PRINTF(seq, "pid fd\n");
	BPF_SEQ_PRINTF(seq, "%8d %8d\n", t->pid, ctx->fd);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
