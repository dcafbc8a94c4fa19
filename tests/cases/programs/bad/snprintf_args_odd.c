#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	static const char fmt[] = "%d";
	__u32 a[3] = { 1, 2, 3 };
	char out[16];

	bpf_snprintf(out, sizeof(out), fmt, (__u64 *)a, sizeof(a));
	return out[0];
}

char LICENSE[] SEC("license") = "GPL";
