#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define min(a, b) ({ typeof(a) _a = (a); typeof(b) _b = (b); _a < _b ? _a : _b; })

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[128]);
} m SEC(".maps");

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 z = 0;
	char *b = bpf_map_lookup_elem(&m, &z);
	__u64 n = ctx->args[1];

	if (!b)
		return 0;
	n = min(n, (__u64)128);
	bpf_probe_read_kernel(b, n, (void *)ctx->args[0]);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
