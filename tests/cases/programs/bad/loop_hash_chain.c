#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct nd { __u32 next; __u32 v; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct nd);
} nodes SEC(".maps");
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = 1;
	struct nd *n;

	while ((n = bpf_map_lookup_elem(&nodes, &k))) {
		k = n->next;
		if (!k)
			break;
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
