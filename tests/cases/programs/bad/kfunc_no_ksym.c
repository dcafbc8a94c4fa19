#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
void bpf_rcu_read_lock(void);
void bpf_rcu_read_unlock(void);

SEC("tp_btf/sched_switch")
int x(void *ctx)
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
