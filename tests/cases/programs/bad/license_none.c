#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("tracepoint/syscalls/sys_enter_kill")
int k(void *ctx)
{
	char c[16];

	bpf_probe_read_kernel(c, sizeof(c), ctx);
	return c[0];
}

char LICENSE[] SEC("license") = "MIT";
