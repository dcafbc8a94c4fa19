#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <linux/bpf_perf_event.h>
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} stacks SEC(".maps");
SEC("perf_event")
int smp(struct bpf_perf_event_data *ctx)
{
	return bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK) & 0;
}

char LICENSE[] SEC("license") = "GPL";
