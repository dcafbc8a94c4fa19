#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;
struct cgroup *bpf_cgroup_from_id(u64 id) __ksym;
void bpf_cgroup_release(struct cgroup *c) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(nt, struct task_struct *task, u64 flags)
{
	struct task_struct *t = NULL;
	struct cgroup *c = NULL;

	t = bpf_task_from_pid(1);
	if (!t)
		goto out;
	c = bpf_cgroup_from_id(1);
	if (!c)
		goto put_task;
	bpf_printk("%d %d", t->pid, c->level);
	bpf_cgroup_release(c);
put_task:
	bpf_task_release(t);
out:
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
