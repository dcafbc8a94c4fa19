#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct slot {
	struct task_struct __kptr *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct slot);
} slots SEC(".maps");

struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(nt, struct task_struct *task, u64 flags)
{
	u32 k = 0;
	struct slot *s;
	struct task_struct *old, *ref = bpf_task_acquire(task);

	if (!ref)
		return 0;
	s = bpf_map_lookup_elem(&slots, &k);
	if (!s) {
		return 0;
	}
	old = bpf_kptr_xchg(&s->task, ref);
	if (old)
		bpf_task_release(old);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
