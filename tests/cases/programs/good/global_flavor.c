#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#define __arg_trusted __attribute__((btf_decl_tag("arg:trusted")))
struct task_struct___mine {
	int pid;
} __attribute__((preserve_access_index));

__attribute__((noinline)) int pid_of(struct task_struct___mine *task __arg_trusted)
{
	return task->pid;
}

SEC("tp_btf/task_newtask")
int x(__u64 *ctx)
{
	return pid_of((void *)bpf_get_current_task_btf()) & 0;
}

char LICENSE[] SEC("license") = "GPL";
