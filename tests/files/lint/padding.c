// Padding and members of keys, values and records that nothing writes.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";

struct flow { __u32 addr; __u8 proto; __u64 cookie; };
struct tight { __u64 a; __u32 b; __u32 c; };
struct bits { __u32 low : 4; __u32 high : 28; __u8 tag; };
union address { __u32 v4; __u8 v6[16]; };
struct peer { union address addr; __u32 port; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, struct flow); __type(value, struct flow); } flows SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, struct tight); __type(value, struct bits); } tights SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, struct peer); __type(value, __u64); } peers SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } out SEC(".maps");

SEC("tc") int padded(struct __sk_buff *skb)
{
	struct flow k;
	k.addr = skb->mark;
	k.proto = 6;
	k.cookie = 1;
	bpf_map_delete_elem(&flows, &k); // warning[bpf-padding]: 3 bytes of padding after 'proto' in 'k' (offset 5 to 7) are never written, and it is used as a key: equal keys may differ
	bpf_map_delete_elem(&flows, &k);
	return 0;
}

SEC("tc") int members(struct __sk_buff *skb)
{
	struct flow k;
	k.addr = skb->mark;
	bpf_map_delete_elem(&flows, &k); // warning[bpf-unset-field]: members 'proto' and 'cookie' of 'k' are never written, and it is used as a key
	return 0;
}

SEC("tc") int one_member(struct __sk_buff *skb)
{
	struct tight k;
	k.a = skb->mark;
	k.c = 1;
	bpf_map_delete_elem(&tights, &k); // warning[bpf-unset-field]: member 'b' of 'k' is never written
	return 0;
}

SEC("tc") int value(struct __sk_buff *skb)
{
	struct tight k = {};
	struct bits v;
	v.low = 1;
	v.high = 2;
	v.tag = 3;
	bpf_map_update_elem(&tights, &k, &v, 0); // warning[bpf-padding]: 3 bytes of padding after 'tag' in 'v' (offset 5 to 7) are never written, and it is used as a value
	return 0;
}

SEC("tc") int record(struct __sk_buff *skb)
{
	struct { __u64 a; __u32 b; } e;
	e.a = skb->len;
	e.b = 1;
	bpf_perf_event_output(skb, &out, BPF_F_CURRENT_CPU, &e, sizeof(e)); // warning[bpf-padding]: 4 bytes of padding after 'b' in 'e' (offset 12 to 15) are never written, and it is used as a record
	return 0;
}

SEC("tc") int record_cut(struct __sk_buff *skb)
{
	struct { __u64 a; __u32 b; } e;
	e.a = skb->len;
	e.b = 1;
	bpf_perf_event_output(skb, &out, BPF_F_CURRENT_CPU, &e, 12);
	return 0;
}

SEC("tc") int one_arm_of_a_union(struct __sk_buff *skb)
{
	struct peer p;
	p.addr.v4 = skb->remote_ip4;
	p.port = 1;
	bpf_map_delete_elem(&peers, &p); // warning[bpf-unset-field]: member 'addr.v6' of 'p' is never written
	return 0;
}

static __always_inline void fill(struct flow *f, __u32 mark)
{
	f->addr = mark;
	f->proto = 1;
	f->cookie = 2;
}

static __always_inline void clear(struct flow *f)
{
	__builtin_memset(f, 0, sizeof(*f));
}

extern void somewhere(struct flow *f);

SEC("tc") int filled_by_function(struct __sk_buff *skb)
{
	struct flow k;
	fill(&k, skb->mark);
	bpf_map_delete_elem(&flows, &k); // warning[bpf-padding]: 3 bytes of padding after 'proto'
	return 0;
}

// What follows is fine.
SEC("tc") int initialised(struct __sk_buff *skb)
{
	struct flow k = {}, copy, literal, set, other, whole;
	struct tight full;

	k.addr = skb->mark;
	bpf_map_delete_elem(&flows, &k);
	copy = k;
	bpf_map_delete_elem(&flows, &copy);
	literal = (struct flow){.addr = 1};
	bpf_map_delete_elem(&flows, &literal);
	__builtin_memset(&set, 0, sizeof(set));
	set.addr = 2;
	bpf_map_delete_elem(&flows, &set);
	clear(&other);
	bpf_map_delete_elem(&flows, &other);
	bpf_skb_load_bytes(skb, 0, &whole, sizeof(whole));
	bpf_map_delete_elem(&flows, &whole);
	full.a = 1;
	full.b = 2;
	full.c = 3;
	bpf_map_delete_elem(&tights, &full);
	return 0;
}

SEC("tc") int by_parts(struct __sk_buff *skb)
{
	struct flow k, hidden;
	struct flow *p = &hidden;
	char *bytes = (char *)&k;

	for (int i = 0; i < (int)sizeof(k); i++)
		bytes[i] = 0;
	bpf_map_delete_elem(&flows, &k);
	p->addr = 1;
	bpf_map_delete_elem(&flows, &hidden);
	return 0;
}
