#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct acc { __u64 sum; __u32 stop; };
static long step(__u64 i, void *p)
{
	struct acc *a = p;

	a->sum += i;
	return i == a->stop;
}

__u64 out;
SEC("tracepoint/sched/sched_switch")
int x(void *ctx)
{
	struct acc a = { 0, 5000 };

	bpf_loop(1 << 20, step, &a, 0);
	out = a.sum;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
