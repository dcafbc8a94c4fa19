#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
SEC("tp_btf/sched_switch")
int x(void *ctx)
{
	struct bpf_iter_num it;
	int *p, n = 0;

	while ((p = bpf_iter_num_next(&it)))
		n += *p;
	bpf_iter_num_destroy(&it);
	return n & 0;
}

char LICENSE[] SEC("license") = "GPL";
