#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tracepoint/sched/sched_switch")
int sw(void *ctx)
{
	bpf_printk("switch");
	return 0;
}

char LICENSE[] SEC("license") = "Apache-2.0";
