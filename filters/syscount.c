/*
 * syscount: system calls per process.
 *
 *     sudo bpfcc trace syscount.o --interval 2
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct process {
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct process);
	__type(value, __u64);
} calls SEC(".maps");

SEC("raw_tp/sys_enter")
int syscount(struct bpf_raw_tracepoint_args *ctx)
{
	struct process self = {};
	__u64 one = 1, *count;

	self.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(self.comm, sizeof(self.comm));

	count = bpf_map_lookup_elem(&calls, &self);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&calls, &self, &one, BPF_NOEXIST);
	return 0;
}
