#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8192);
} rb SEC(".maps");
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 v = ctx->args[1];
	struct bpf_dynptr d;

	if (!bpf_ringbuf_reserve_dynptr(&rb, 64, 0, &d)) {
		bpf_dynptr_write(&d, 8, &v, sizeof(v), 0);
		bpf_ringbuf_submit_dynptr(&d, 0);
	} else
		bpf_ringbuf_discard_dynptr(&d, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
