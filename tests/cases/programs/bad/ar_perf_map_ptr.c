#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} pe SEC(".maps");

SEC("kprobe/do_exit")
int x(void *ctx)
{
	__u64 v = 2;

	bpf_perf_event_output(&v, &pe, 0, ctx, sizeof(v));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
