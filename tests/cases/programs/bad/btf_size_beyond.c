#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
SEC("tp_btf/sched_process_exit")
int x(u64 *ctx)
{
	struct task_struct *t = (void *)ctx[0];

	return *((u64 *)(t + 1)) != 0;
}

char LICENSE[] SEC("license") = "GPL";
