#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[512]);
} heap SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} rb SEC(".maps");

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 z = 0, len = ctx->args[1], total = 0;
	char *b = bpf_map_lookup_elem(&heap, &z);

	if (!b)
		return 0;
	if (len > 200)
		len = 200;
	if (bpf_probe_read_kernel(b, len, (void *)ctx->args[0]))
		return 0;
	total += len;
	if (total > 312)
		return 0;
	bpf_probe_read_kernel(b + total, 200, (void *)ctx->args[0]);
	bpf_ringbuf_output(&rb, b, total + 1, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
