#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} m SEC(".maps");
static long add(void *map, __u32 *k, __u64 *v, __u64 *sum)
{
	*sum += *v;
	return *sum > 100;
}

__u64 out;
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u64 s = 0;

	bpf_for_each_map_elem(&m, add, &s, 0);
	out = s;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
