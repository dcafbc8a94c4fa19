// flags: bpf-shared-counter
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } hits SEC(".maps");
__u64 total;
static __u64 *pointer;

SEC("tc") int count(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	__u64 local = 0, *n = bpf_map_lookup_elem(&hits, &key);

	local++;
	if (n)
		*n += 1; // warning[bpf-shared-counter]: the value of map 'hits' is read, changed and written back
	total++; // warning[bpf-shared-counter]: global variable 'total' is read, changed and written back
	return local;
}
