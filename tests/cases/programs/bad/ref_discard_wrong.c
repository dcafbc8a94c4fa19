#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct ev { __u32 a, b; };
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("raw_tp/sys_enter")
int ev(void *ctx)
{
	struct ev *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);

	if (!e)
		return 0;
	e->a = 1;
	bpf_ringbuf_submit(&e->b, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
