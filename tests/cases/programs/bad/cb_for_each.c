#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} tasks SEC(".maps");
static long each(void *map, __u32 *key, __u64 *val, void *arg)
{
	return *val;
}

SEC("tracepoint/sched/sched_switch")
int all(void *ctx)
{
	return bpf_for_each_map_elem(&tasks, each, 0, 0) < 0;
}

char LICENSE[] SEC("license") = "GPL";
