#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <linux/bpf_perf_event.h>

SEC("perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	__u64 period = ctx->sample_period;

	if (period > 100000)
		ctx->sample_period = 100000;
	bpf_printk("%llu", period);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
