#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

static __always_inline int parent_pid(void)
{
	struct task_struct *t = (struct task_struct *)bpf_get_current_task();

	return t->real_parent->tgid;
}

SEC("tracepoint/syscalls/sys_enter_kill")
int kl(void *ctx)
{
	bpf_printk("ppid %d", parent_pid());
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
