#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} m SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = 1;
	__u64 v = 2;

	bpf_map_update_elem(&k, &m, &v, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
