#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tracepoint/xdp/xdp_exception")
int ex(void *ctx)
{
	return bpf_redirect(3, 0);
}

char LICENSE[] SEC("license") = "GPL";
