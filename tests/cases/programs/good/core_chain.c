#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
SEC("kprobe/do_exit")
int BPF_KPROBE(x, long code)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	char comm[16];
	u32 ppid = BPF_CORE_READ(t, real_parent, tgid);

	BPF_CORE_READ_STR_INTO(&comm, t, comm);
	bpf_printk("%s %d %ld", comm, ppid, code);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
