#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define LOOKUP(map, key) ((__u64 *)bpf_map_lookup_elem(&(map), &(key)))

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_openat")
int on_open(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u64 zero = 0;

	if (!LOOKUP(hits, pid))
		bpf_map_update_elem(&hits, &pid, &zero, BPF_NOEXIST);
	*LOOKUP(hits, pid) += 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
