#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct hist {
	__u32 slots[20];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct hist);
} hists SEC(".maps");

static __always_inline __u32 log2l(__u64 v)
{
	__u32 r = 0;

	while (v > 1 && r < 64) {
		v >>= 1;
		r++;
	}
	return r;
}

SEC("tracepoint/block/block_rq_issue")
int issue(void *ctx)
{
	__u32 dev = 8, slot;
	struct hist *h = bpf_map_lookup_elem(&hists, &dev);

	if (!h)
		return 0;
	slot = log2l(bpf_ktime_get_ns());
	__sync_fetch_and_add(&h->slots[slot], 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
