#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u32 h[11];

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 v = bpf_get_prandom_u32() & 0xff;

	v /= 25;
	if (v > 10)
		v = 10;
	h[v]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
