#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct stats {
	__u64 c[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct stats);
} st SEC(".maps");

#define C_OK 0
#define C_DROP 1
#define C_ERR 4

static __always_inline void bump(__u32 which)
{
	__u32 k = 0;
	struct stats *s = bpf_map_lookup_elem(&st, &k);

	if (s)
		s->c[which]++;
}

SEC("socket")
int f(struct __sk_buff *skb)
{
	bump(C_OK);
	if (skb->len > 9000)
		bump(C_ERR);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
