#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct ev { __u64 a, b, c; };
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("raw_tp/sys_enter")
int dyn(void *ctx)
{
	struct bpf_dynptr d;
	struct ev *e;

	bpf_ringbuf_reserve_dynptr(&rb, sizeof(*e), 0, &d);
	e = bpf_dynptr_data(&d, 0, 16);
	if (e) {
		e->a = 1;
		e->c = 3;
	}
	bpf_ringbuf_submit_dynptr(&d, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
