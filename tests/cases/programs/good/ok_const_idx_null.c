#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} h SEC(".maps");

static __always_inline __u64 *get_or_init(__u32 k)
{
	__u64 zero = 0, *v = bpf_map_lookup_elem(&h, &k);

	if (v)
		return v;
	if (bpf_map_update_elem(&h, &k, &zero, BPF_NOEXIST))
		return 0;
	return bpf_map_lookup_elem(&h, &k);
}

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u64 *a = get_or_init(1), *b = get_or_init(2);

	if (a && b)
		__sync_fetch_and_add(a, *b + 1);
	else if (a)
		*a = 5;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
