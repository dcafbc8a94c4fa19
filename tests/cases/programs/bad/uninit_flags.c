#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} cnt SEC(".maps");
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 now = 1;
	__u64 flags;

	bpf_map_update_elem(&cnt, &cpu, &now, flags);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
