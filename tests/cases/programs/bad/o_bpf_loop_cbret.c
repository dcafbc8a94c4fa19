#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static int step(__u32 i, __u64 *acc)
{
	*acc += i;
	return *acc > 100 ? 2 : 0;
}

SEC("tracepoint/sched/sched_stat_wait")
int w(void *ctx)
{
	__u64 acc = 0;

	bpf_loop(1000, step, &acc, 0);
	bpf_printk("%llu", acc);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
