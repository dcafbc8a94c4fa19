#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct v {
	__u16 n, m;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct v);
} m SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = 1;
	struct v *v = bpf_map_lookup_elem(&m, &k);

	if (v)
		__sync_fetch_and_add(&v->n, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
