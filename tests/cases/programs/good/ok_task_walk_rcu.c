#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

SEC("iter.s/task")
int x(struct bpf_iter__task *ctx)
{
	struct task_struct *t = ctx->task, *p;
	int tgid = 0;

	if (!t)
		return 0;
	bpf_rcu_read_lock();
	p = t->real_parent;
	if (p)
		tgid = p->tgid;
	bpf_rcu_read_unlock();
	BPF_SEQ_PRINTF(ctx->meta->seq, "%d %d\n", t->pid, tgid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
