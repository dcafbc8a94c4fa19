#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char buf[64];

SEC("perf_event")
int rev(void *ctx)
{
	__u32 i;
	int n = 0;

	for (i = 63; i >= 0; i--)
		if (buf[i & 63] == '/')
			n++;
	bpf_printk("%d", n);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
