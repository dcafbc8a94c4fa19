#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} m SEC(".maps");

static long find(struct bpf_map *map, __u32 *key, __u64 *val, __u64 *want)
{
	return *val - *want;
}

SEC("raw_tp/sys_exit")
int x(void *ctx)
{
	__u64 want = 3;

	bpf_for_each_map_elem(&m, find, &want, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
