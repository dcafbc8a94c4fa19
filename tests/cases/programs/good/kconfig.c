#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig __weak;
int v;
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	if (LINUX_KERNEL_VERSION > KERNEL_VERSION(5, 10, 0) && CONFIG_BPF_SYSCALL)
		v = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
