#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sys_enter")
int fm(void *ctx)
{
	static const char fmt[] = "pid %d %w";
	__u64 args[2] = { 1, 2 };
	char out[32];

	bpf_snprintf(out, sizeof(out), fmt, args, sizeof(args));
	return out[0];
}

char LICENSE[] SEC("license") = "GPL";
