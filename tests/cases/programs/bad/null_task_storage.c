#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct rec { __u64 first; __u32 n; };

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct rec);
} recs SEC(".maps");

SEC("tp_btf/sched_wakeup")
int BPF_PROG(woken, struct task_struct *p)
{
	struct rec *r;

	r = bpf_task_storage_get(&recs, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	r->n++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
