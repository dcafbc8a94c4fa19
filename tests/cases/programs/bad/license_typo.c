#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 0);
} pb SEC(".maps");
SEC("kprobe/do_nanosleep")
int x(void *ctx)
{
	__u64 v = bpf_ktime_get_ns();

	bpf_perf_event_output(ctx, &pb, BPF_F_CURRENT_CPU, &v, sizeof(v));
	return 0;
}

char LICENSE[] SEC("license") = "GPLv2";
