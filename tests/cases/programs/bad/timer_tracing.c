#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct v { struct bpf_timer t; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct v);
} m SEC(".maps");
SEC("tracepoint/sched/sched_switch")
int x(void *ctx)
{
	__u32 k = 0;
	struct v *v = bpf_map_lookup_elem(&m, &k);

	if (v)
		bpf_timer_init(&v->t, &m, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
