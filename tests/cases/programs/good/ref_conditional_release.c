#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct ev { __u64 a; };
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	struct ev *e = NULL;

	if (ctx->args[1] & 1)
		e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
	if (e) {
		e->a = ctx->args[1];
		bpf_ringbuf_submit(e, 0);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
