#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, struct request *);
} inflight SEC(".maps");

SEC("tracepoint/block/block_rq_complete")
int done(void *ctx)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct request **rqp = bpf_map_lookup_elem(&inflight, &tid);
	struct request *rq;

	if (!rqp)
		return 0;
	rq = *rqp;
	bpf_printk("flags %u", rq->cmd_flags);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
