#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct task_struct___mine {
	int pid;
	int not_there;
} __attribute__((preserve_access_index));

SEC("kprobe/do_exit")
int x(void *ctx)
{
	struct task_struct___mine *t = (void *)bpf_get_current_task();
	int v = 0;

	v = BPF_CORE_READ(t, not_there);
	bpf_printk("%d", v);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
