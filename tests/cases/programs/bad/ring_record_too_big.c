#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct ev { __u32 pid; char name[28]; };
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("tracepoint/sched/sched_process_exec")
int x(void *ctx)
{
	struct ev *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);

	if (!e)
		return 0;
	e->pid = 1;
	bpf_get_current_comm(e->name, 32);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
