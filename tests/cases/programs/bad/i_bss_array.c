#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define NCPU 8

static __u64 per_cpu[NCPU];

SEC("kprobe/vfs_read")
int rd(void *ctx)
{
	__u32 slot = bpf_get_prandom_u32() % 100;

	if (slot > NCPU)
		return 0;
	per_cpu[slot]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
