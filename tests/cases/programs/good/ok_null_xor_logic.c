#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} a SEC(".maps"), b SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = bpf_get_prandom_u32();
	__u64 *p = bpf_map_lookup_elem(&a, &k), *q = bpf_map_lookup_elem(&b, &k);
	__u64 *best = p ?: q;

	if (!best)
		return 0;
	return *best > 100;
}

char LICENSE[] SEC("license") = "GPL";
