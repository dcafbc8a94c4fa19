#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("iter/bpf_map")
int x(struct { void *meta; } *ctx)
{
	char out[32];
	static const char fmt[] = "%s %w";
	__u64 a[2] = { (__u64)fmt, 1 };

	bpf_snprintf(out, sizeof(out), fmt, a, sizeof(a));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
