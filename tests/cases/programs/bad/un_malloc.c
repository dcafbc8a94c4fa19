#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <stdlib.h>

SEC("raw_tp/sys_exit")
int x(void *ctx)
{
	char *p = malloc(32);

	if (p)
		p[0] = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
