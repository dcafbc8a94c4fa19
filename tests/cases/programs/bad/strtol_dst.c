#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
const volatile long result = 0;

SEC("cgroup/sysctl")
int x(struct bpf_sysctl *ctx)
{
	char b[16];

	if (bpf_sysctl_get_new_value(ctx, b, sizeof(b)) < 0)
		return 1;
	return bpf_strtol(b, sizeof(b), 0, (long *)&result) > 0;
}

char LICENSE[] SEC("license") = "GPL";
