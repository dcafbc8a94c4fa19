// Helpers take five arguments at most, however their prototypes are declared.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int prog(struct xdp_md *ctx)
{
	bpf_trace_printk("%d %d %d\n", 10, 1, 2, 3);
	bpf_trace_printk("%d %d %d %d\n", 14, 1, 2, 3, 4); // error[bpf-unsupported-c]: this call of bpf_trace_printk() has 6 arguments; helpers take 5 at most
	return XDP_PASS;
}
