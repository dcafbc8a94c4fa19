#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct hist {
	__u32 b[27];
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct hist);
} hs SEC(".maps");
static struct hist zero;

static __always_inline __u64 log2(__u32 v)
{
	__u32 shift, r;

	r = (v > 0xFFFF) << 4; v >>= r;
	shift = (v > 0xFF) << 3; v >>= shift; r |= shift;
	shift = (v > 0xF) << 2; v >>= shift; r |= shift;
	shift = (v > 0x3) << 1; v >>= shift; r |= shift;
	r |= (v >> 1);
	return r;
}

static __always_inline __u64 log2l(__u64 v)
{
	__u32 hi = v >> 32;

	return hi ? log2(hi) + 32 : log2(v);
}

SEC("raw_tp/sys_exit")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 k = 1;
	struct hist *h = bpf_map_lookup_elem(&hs, &k);
	__u64 slot;
	__s64 d = bpf_ktime_get_ns() - ctx->args[0];

	if (d < 0)
		return 0;
	if (!h) {
		bpf_map_update_elem(&hs, &k, &zero, BPF_NOEXIST);
		h = bpf_map_lookup_elem(&hs, &k);
		if (!h)
			return 0;
	}
	slot = log2l(d / 1000U);
	if (slot >= 27)
		slot = 26;
	__sync_fetch_and_add(&h->b[slot], 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
