#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 last;

SEC("raw_tp/sys_enter")
int se(void *ctx)
{
	last = bpf_ktime_get_ns();
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
