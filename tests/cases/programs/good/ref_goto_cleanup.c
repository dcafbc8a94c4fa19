#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct ev { u32 pid; char comm[16]; };
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("tp_btf/sched_process_exec")
int BPF_PROG(x, struct task_struct *p, pid_t old, struct linux_binprm *bprm)
{
	struct ev *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);

	if (!e)
		return 0;
	e->pid = p->tgid;
	if (bpf_probe_read_kernel_str(e->comm, sizeof(e->comm), bprm->filename) < 0)
		goto drop;
	bpf_ringbuf_submit(e, 0);
	return 0;
drop:
	bpf_ringbuf_discard(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
