#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} m SEC(".maps");
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 i;

	for (i = 0; i < 8; i++) {
		__u64 *v = bpf_map_lookup_elem(&m, &i);

		if (!v)
			continue;
		*v += ctx->args[1];
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
