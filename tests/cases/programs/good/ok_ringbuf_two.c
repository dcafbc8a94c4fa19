#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct ev {
	__u32 pid;
	__u32 kind;
	char comm[16];
};
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} a SEC(".maps"), b SEC(".maps");

SEC("tracepoint/sched/sched_process_exit")
int x(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct ev *e;

	if (pid & 1)
		e = bpf_ringbuf_reserve(&a, sizeof(*e), 0);
	else
		e = bpf_ringbuf_reserve(&b, sizeof(*e), 0);
	if (!e)
		return 0;
	e->pid = pid;
	e->kind = 2;
	if (bpf_get_current_comm(e->comm, sizeof(e->comm)) < 0) {
		bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);
		return 0;
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
