#include <linux/bpf.h>
#include <trace/bpf_trace.h>
#include "bpf_helpers.h"

struct bpf_map_def SEC("maps") cnt = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(uint64_t),
	.value_size = sizeof(uint64_t),
	.max_entries = 128,
};

SEC("events/sched/sched_switch")
int prog(struct bpf_context *ctx)
{
	uint64_t k = ctx->arg1;
	uint64_t *v = bpf_map_lookup_elem(&cnt, &k);

	*v += bpf_ktime_get_ns();
	return 0;
}

char _license[] SEC("license") = "GPL";
