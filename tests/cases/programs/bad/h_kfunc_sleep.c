#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct bpf_key *bpf_lookup_user_key(s32 serial, __u64 flags) __ksym;
void bpf_key_put(struct bpf_key *key) __ksym;

SEC("lsm/bpf")
int BPF_PROG(lb, int cmd, union bpf_attr *attr, unsigned int size)
{
	struct bpf_key *k = bpf_lookup_user_key(1, 0);

	if (k)
		bpf_key_put(k);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
