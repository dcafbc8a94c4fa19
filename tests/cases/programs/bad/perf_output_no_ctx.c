#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 0);
} pb SEC(".maps");
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 v = ctx->args[1];

	bpf_perf_event_output(&v, &pb, BPF_F_CURRENT_CPU, &v, sizeof(v));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
