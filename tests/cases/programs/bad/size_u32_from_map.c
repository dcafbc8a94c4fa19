#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct s { __u32 len; char data[256]; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct s);
} m SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 0);
} pb SEC(".maps");
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = 0;
	struct s *s = bpf_map_lookup_elem(&m, &k);

	if (!s)
		return 0;
	bpf_perf_event_output(ctx, &pb, BPF_F_CURRENT_CPU, s->data, s->len);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
