#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("tracepoint/syscalls/sys_enter_openat")
int inj(void *ctx)
{
	bpf_override_return(ctx, -13);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
