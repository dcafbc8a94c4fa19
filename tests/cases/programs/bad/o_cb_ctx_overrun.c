#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct st {
	__u32 n;
};

static long each(__u32 i, void *p)
{
	struct { __u32 n; __u32 hits[4]; } *s = p;

	s->n++;
	s->hits[3]++;
	return 0;
}

SEC("raw_tp/sys_exit")
int x(void *ctx)
{
	struct st s = {};

	bpf_loop(3, each, &s, 0);
	bpf_printk("%u", s.n);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
