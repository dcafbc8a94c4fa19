#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("cgroup/getsockopt")
int x(struct bpf_sockopt *ctx)
{
	__u8 *o = ctx->optval, *e = ctx->optval_end;

	if (ctx->level != 6)
		return 1;
	if (o + 1 > e)
		return 0;
	o[0] = 1;
	ctx->retval = 0;
	ctx->optlen = 1;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
