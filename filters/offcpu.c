/*
 * offcpu: time that threads spend not running, in nanoseconds per process.
 *
 * A thread's clock starts when the scheduler switches away from it and stops when it runs again.
 *
 *     sudo bpfcc trace offcpu.o
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

const volatile __u64 min_ns = 1000; /* shorter pauses are not counted */

struct process {
	__u32 tgid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, __u64);
} switched_out SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct process);
	__type(value, __u64);
} off SEC(".maps");

SEC("tp_btf/sched_switch")
int BPF_PROG(offcpu, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u64 now = bpf_ktime_get_ns(), *start, *total, delta;
	struct process process = {};
	__u32 tid = prev->pid;

	if (tid)
		bpf_map_update_elem(&switched_out, &tid, &now, BPF_ANY);

	tid = next->pid;
	start = bpf_map_lookup_elem(&switched_out, &tid);
	if (!start)
		return 0;
	delta = now - *start;
	bpf_map_delete_elem(&switched_out, &tid);
	if (delta < min_ns)
		return 0;

	process.tgid = next->tgid;
	bpf_probe_read_kernel_str(process.comm, sizeof(process.comm), next->comm);
	total = bpf_map_lookup_elem(&off, &process);
	if (total)
		__sync_fetch_and_add(total, delta);
	else
		bpf_map_update_elem(&off, &process, &delta, BPF_NOEXIST);
	return 0;
}
