// Plain and atomic changes of the same counter.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";

struct stat { __u64 packets; __u64 bytes; };
struct locked { struct bpf_spin_lock lock; __u64 packets; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, struct stat); } stats SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, struct stat); } own SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, struct locked); } guarded SEC(".maps");
__u64 total, plain;

SEC("tc") int one(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct stat *s = bpf_map_lookup_elem(&stats, &zero);
	struct stat *mine = bpf_map_lookup_elem(&own, &zero);

	if (!s || !mine)
		return 0;
	__sync_fetch_and_add(&s->packets, 1);
	s->bytes += skb->len;
	mine->packets++;
	__sync_fetch_and_add(&mine->packets, 1);
	__sync_fetch_and_add(&total, 1);
	plain++;
	return 0;
}

SEC("tc") int two(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct stat *s = bpf_map_lookup_elem(&stats, &zero);
	struct locked *l = bpf_map_lookup_elem(&guarded, &zero);

	if (!s || !l)
		return 0;
	s->packets++; // warning[bpf-racy-update]: 's->packets' is changed without an atomic operation here, but with one elsewhere
	total += 2; // warning[bpf-racy-update]: 'total' is changed without an atomic operation here
	return 0;
}

SEC("tc") int three(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct locked *l = bpf_map_lookup_elem(&guarded, &zero);

	if (!l)
		return 0;
	bpf_spin_lock(&l->lock);
	l->packets++;
	bpf_spin_unlock(&l->lock);
	return 0;
}
