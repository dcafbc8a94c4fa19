#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct acc { __u64 sum; };
static long body(__u32 i, struct acc *a)
{
	a->sum += i;
	return a->sum;
}

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	struct acc a = {};

	bpf_loop(64, body, &a, 0);
	return a.sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
