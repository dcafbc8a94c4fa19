// The same things in a program of today: nothing to say.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";

struct leaf { __u64 count; __u32 slot[4]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u64); __type(value, struct leaf); } leaves SEC(".maps");

SEC("raw_tp/sys_enter") int prog(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 k = *(__u32 *)&ctx->args[1];
	struct leaf *l = bpf_map_lookup_elem(&leaves, &k);

	if (l) {
		k = l->slot[k & 3];
		bpf_map_update_elem(&leaves, &k, l, 0);
	}
	bpf_trace_printk("hello\n", 7);
	return 0;
}
