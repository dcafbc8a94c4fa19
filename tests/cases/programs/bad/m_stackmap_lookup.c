#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 64);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

SEC("kprobe/schedule")
int s(void *ctx)
{
	__u32 id = bpf_get_stackid(ctx, &stacks, 0);
	void *v = bpf_map_lookup_elem(&stacks, &id);

	if (v)
		bpf_printk("have %u", id);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
