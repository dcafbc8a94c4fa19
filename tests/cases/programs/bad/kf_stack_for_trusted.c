#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct cgroup *bpf_cgroup_acquire(struct cgroup *c) __ksym;
void bpf_cgroup_release(struct cgroup *c) __ksym;

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(rm, struct cgroup *cgrp, const char *path)
{
	u64 fake[4] = {};
	struct cgroup *c = bpf_cgroup_acquire((void *)fake);

	if (c)
		bpf_cgroup_release(c);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
