#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct c { __u8 n; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct c);
} m SEC(".maps");
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = 0;
	struct c *c = bpf_map_lookup_elem(&m, &k);

	if (c)
		__sync_fetch_and_add(&c->n, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
