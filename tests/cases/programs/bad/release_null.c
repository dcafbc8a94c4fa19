#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct cgroup *bpf_cgroup_from_id(u64 id) __ksym;
void bpf_cgroup_release(struct cgroup *c) __ksym;

SEC("syscall")
int x(void *ctx)
{
	struct cgroup *c = bpf_cgroup_from_id(1);

	if (c)
		bpf_cgroup_release(c);
	c = bpf_cgroup_from_id(2);
	bpf_cgroup_release(c);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
