#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 8);
	__uint(value_size, 4);
} evs SEC(".maps");

SEC("raw_tp/sys_exit")
int x(void *ctx)
{
	__u64 t = bpf_ktime_get_ns();

	bpf_perf_event_output(ctx, &evs, BPF_F_CURRENT_CPU, &t, sizeof(t));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
