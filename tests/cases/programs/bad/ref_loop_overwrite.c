#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct ev { __u64 t; };
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("raw_tp/sys_enter")
int twice(void *ctx)
{
	struct ev *e = 0;
	int i;

	for (i = 0; i < 2; i++) {
		e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
		if (!e)
			return 0;
		e->t = i;
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
