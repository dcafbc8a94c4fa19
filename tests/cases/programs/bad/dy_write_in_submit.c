#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	struct bpf_dynptr d;
	__u64 id = ctx->args[1];

	if (bpf_ringbuf_reserve_dynptr(&rb, 64, 0, &d)) {
		return 0;
	}
	bpf_dynptr_write(&d, 0, &id, sizeof(id), 0);
	bpf_ringbuf_submit_dynptr(&d, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
