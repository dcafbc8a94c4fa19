#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/tcp_close")
int cl(void *ctx)
{
	__u64 c = bpf_get_socket_cookie(ctx);

	bpf_printk("%llu", c);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
