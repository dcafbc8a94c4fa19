#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct slot { struct task_struct *who; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, struct slot);
} waiting SEC(".maps");
SEC("raw_tp/sched_switch")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct slot *s = bpf_map_lookup_elem(&waiting, &cpu);

	if (!s)
		return 0;
	return s->who->pid == 1;
}

char LICENSE[] SEC("license") = "GPL";
