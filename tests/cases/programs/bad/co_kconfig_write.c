#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

extern int CONFIG_HZ __kconfig;

SEC("raw_tp/sys_exit")
int x(void *ctx)
{
	CONFIG_HZ = 100;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
