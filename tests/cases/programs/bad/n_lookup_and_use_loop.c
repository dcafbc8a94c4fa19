#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} arr SEC(".maps");

SEC("perf_event")
int sum(struct bpf_perf_event_data *ctx)
{
	__u64 total = 0, *v;
	__u32 i;

	for (i = 0; i < 16; i++) {
		__u32 k = i * 2;

		v = bpf_map_lookup_elem(&arr, &k);
		total += *v;
	}
	bpf_printk("sum %llu", total);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
