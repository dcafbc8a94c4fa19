#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct pair {
	__u64 a, b;
};

static __noinline int fill(struct pair *p, __u32 seed)
{
	if (seed & 1)
		return -1;
	p->a = seed;
	p->b = bpf_ktime_get_ns();
	return 0;
}

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	struct pair p;

	if (fill(&p, bpf_get_prandom_u32()))
		return 0;
	bpf_printk("%llu %llu", p.a, p.b);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
