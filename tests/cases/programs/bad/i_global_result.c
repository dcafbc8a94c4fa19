#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 bins[16];

__noinline int classify(__u32 x)
{
	if (x < 100)
		return 0;
	if (x < 1000)
		return 1;
	return 2;
}

SEC("tp/irq/softirq_entry")
int irq(void *ctx)
{
	int c = classify(bpf_get_prandom_u32());

	bins[c]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
