#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 m[64];

SEC("perf_event")
int hot(void *ctx)
{
	__u64 s = bpf_get_prandom_u32();
	int i, j;

	for (i = 0; i < 1000; i++)
		for (j = 0; j < 1000; j++)
			s = (s << 1) ^ m[(s + i * j) & 63];
	m[0] = s;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
