#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct slot {
	struct task_struct __kptr *task;
	u64 n;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, struct slot);
} slots SEC(".maps");
struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(nt, struct task_struct *task, u64 flags)
{
	u32 k = 0;
	struct slot *s = bpf_map_lookup_elem(&slots, &k);
	struct task_struct *t, *old;

	if (!s)
		return 0;
	t = bpf_task_acquire(task);
	if (!t)
		return 0;
	old = bpf_kptr_xchg(&s->task, t);
	if (old) {
		bpf_printk("had %d", old->pid);
		bpf_task_release(old);
	}
	s->n++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
