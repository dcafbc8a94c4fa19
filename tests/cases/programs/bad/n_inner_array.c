#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 16);
	__type(key, __u32);
	__array(values, struct inner);
} tenants SEC(".maps");

SEC("raw_tracepoint/sched_switch")
int sw(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 tenant = bpf_get_current_uid_gid(), slot = 3;
	void *m = bpf_map_lookup_elem(&tenants, &tenant);
	__u64 *n;

	n = bpf_map_lookup_elem(m, &slot);
	if (n)
		__sync_fetch_and_add(n, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
