#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, char[64]);
} m SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = 5;
	char *v = bpf_map_lookup_elem(&m, &k);

	if (!v)
		return 0;
	v = (char *)((unsigned long)(v + 7) & ~7UL);
	*v = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
