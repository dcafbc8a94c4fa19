#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} m SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = 5, slot;
	__u64 *v = bpf_map_lookup_elem(&m, &k);

	if (!v)
		return 0;
	slot = (unsigned long)v >> 6;
	bpf_printk("%u", slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
