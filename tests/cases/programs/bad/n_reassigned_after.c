#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} starts SEC(".maps");

SEC("tracepoint/block/block_rq_complete")
int done(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns(), *ts;

	ts = bpf_map_lookup_elem(&starts, &id);
	if (!ts) {
		bpf_map_update_elem(&starts, &id, &now, BPF_ANY);
		ts = bpf_map_lookup_elem(&starts, &id);
	}
	bpf_printk("took %llu", now - *ts);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
