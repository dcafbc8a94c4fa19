#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct ring {
	__u32 size;
	__u32 head;
	__u64 v[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct ring);
} rings SEC(".maps");

SEC("perf_event")
int tick(void *ctx)
{
	__u32 k = bpf_get_prandom_u32() & 3, i;
	struct ring *r = bpf_map_lookup_elem(&rings, &k);

	if (!r || !r->size)
		return 0;
	i = r->head % r->size;
	r->v[i] = bpf_ktime_get_ns();
	r->head++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
