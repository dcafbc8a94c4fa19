#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = bpf_get_current_uid_gid();
	void *in = bpf_map_lookup_elem(&outer, &k);
	__u64 *v;

	if (in && (v = bpf_map_lookup_elem(in, &k)))
		__sync_fetch_and_add(v, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
