#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sys_exit")
int x(void *ctx)
{
	__u64 t = bpf_ktime_get_nanos();

	bpf_printk("%llu", t);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
