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
SEC("tp_btf/sched_switch")
int x(u64 *ctx)
{
	u32 k = 0;
	struct v *v = bpf_map_lookup_elem(&m, &k);

	if (v)
		v->t = (struct task_struct *)ctx[1];
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
