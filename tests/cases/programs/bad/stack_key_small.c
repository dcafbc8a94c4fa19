#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct key { __u64 a; __u64 b; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, struct key);
	__type(value, __u32);
} m SEC(".maps");
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = 1;

	return bpf_map_delete_elem(&m, &k) != 0;
}

char LICENSE[] SEC("license") = "GPL";
