#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
SEC("kprobe/__x64_sys_write")
int x(struct pt_regs *ctx)
{
	char b[4];

	return bpf_copy_from_user(b, sizeof(b), (void *)PT_REGS_PARM2(ctx));
}

char LICENSE[] SEC("license") = "GPL";
