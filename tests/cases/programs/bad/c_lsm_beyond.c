#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_process_exit")
int exitp(u64 *ctx)
{
	return ctx[5] != 0;
}

char LICENSE[] SEC("license") = "GPL";
