#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_exit")
int x(void *ctx)
{
	__u64 ips[16];
	long n = bpf_get_stack(ctx, ips, 32 * 8, 0);

	if (n > 0)
		bpf_printk("%llx", ips[0]);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
