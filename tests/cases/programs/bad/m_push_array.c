#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} q SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 v = 1;

	bpf_map_push_elem(&q, &v, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
