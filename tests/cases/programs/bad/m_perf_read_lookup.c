#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 64);
} cyc SEC(".maps");

SEC("kprobe/finish_task_switch")
int f(void *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 *c = bpf_map_lookup_elem(&cyc, &cpu);

	if (c)
		bpf_printk("%llu", *c);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
