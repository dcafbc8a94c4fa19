#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
SEC("kretprobe/alloc_file")
int x(struct pt_regs *ctx)
{
	long *f = (long *)PT_REGS_RC(ctx);

	return f[2] != 0;
}

char LICENSE[] SEC("license") = "GPL";
