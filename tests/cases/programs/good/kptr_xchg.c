#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct v { struct task_struct __kptr *t; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct v);
} m SEC(".maps");
struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(x, struct task_struct *t, u64 flags)
{
	u32 k = 0;
	struct v *v = bpf_map_lookup_elem(&m, &k);
	struct task_struct *a, *old;

	if (!v)
		return 0;
	a = bpf_task_acquire(t);
	if (!a)
		return 0;
	old = bpf_kptr_xchg(&v->t, a);
	if (old)
		bpf_task_release(old);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
