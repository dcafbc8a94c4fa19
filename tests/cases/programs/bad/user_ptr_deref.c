#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct args { __u64 pad; __u64 nr; __u64 fd; char *buf; __u64 count; };

SEC("tracepoint/syscalls/sys_enter_write")
int x(struct args *ctx)
{
	if (ctx->count > 0 && ctx->buf[0] == '#')
		return 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
