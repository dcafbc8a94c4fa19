// Operations on maps that fail every time.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } slots SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } table SEC(".maps");

SEC("tc") int work(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 one = 1;

	bpf_map_delete_elem(&slots, &key); // warning[bpf-map-operation]: elements of the array map 'slots' cannot be deleted
	bpf_map_update_elem(&slots, &key, &one, BPF_NOEXIST); // warning[bpf-map-operation]: elements of the array map 'slots' always exist
	bpf_map_update_elem(&slots, &key, &one, BPF_EXIST);
	bpf_map_update_elem(&table, &key, &one, BPF_NOEXIST);
	bpf_map_delete_elem(&table, &key);
	return 0;
}
