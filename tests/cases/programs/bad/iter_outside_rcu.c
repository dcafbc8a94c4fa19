#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags) __ksym;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;

SEC("syscall")
int x(void *ctx)
{
	struct bpf_iter_task it;

	bpf_iter_task_new(&it, NULL, 0);
	while (bpf_iter_task_next(&it))
		;
	bpf_iter_task_destroy(&it);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
