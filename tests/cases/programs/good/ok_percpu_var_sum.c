#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} c SEC(".maps");

SEC("perf_event")
int x(void *ctx)
{
	__u32 z = 0, cpu;
	__u64 sum = 0, *v;

	for (cpu = 0; cpu < 32; cpu++) {
		v = bpf_map_lookup_percpu_elem(&c, &z, cpu);
		if (!v)
			break;
		sum += *v;
	}
	bpf_printk("%llu", sum);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
