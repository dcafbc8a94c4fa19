#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct work {
	__u64 sum;
	__u32 n;
};

__u64 table[64];

static long add(__u32 i, struct work *w)
{
	w->sum += table[i];
	return 0;
}

SEC("tracepoint/sched/sched_wakeup")
int wk(void *ctx)
{
	struct work w = {};

	bpf_loop(64, add, &w, 0);
	bpf_printk("%llu", w.sum);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
