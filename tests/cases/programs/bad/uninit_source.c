#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char buf[16];

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	void *src;

	bpf_probe_read_kernel(buf, sizeof(buf), src);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
