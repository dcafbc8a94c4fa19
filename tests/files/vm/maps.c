/* Every map type's results for flags and limits, one number after another into ``res``. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} array SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} phash SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} parray SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 2);
	__type(value, __u32);
} queue SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 2);
	__type(value, __u32);
} stack SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__type(value, __u32);
} bloom SEC(".maps");
struct lpm_key {
	__u32 len;
	__u8 data[4];
};
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 3);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lpm_key);
	__type(value, __u32);
} trie SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");
struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
};
struct inner inner1 SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [1] = &inner1 } };

struct result {
	__u64 n;
	__s64 v[100];
};

struct result res;

#define PUT(x) do { __s64 _x = (__s64)(x); __u32 _n = res.n; \
	if (_n < 100) { res.v[_n] = _x; res.n = _n + 1; } } while (0)

SEC("tc")
int hash_flags(struct __sk_buff *skb)
{
	__u64 one = 1, two = 2, *p, *q;
	__u32 k = 1;

	PUT(bpf_map_lookup_elem(&hash, &k) != 0);
	PUT(bpf_map_update_elem(&hash, &k, &one, BPF_EXIST));
	PUT(bpf_map_update_elem(&hash, &k, &one, BPF_NOEXIST));
	PUT(bpf_map_update_elem(&hash, &k, &two, BPF_NOEXIST));
	PUT(bpf_map_update_elem(&hash, &k, &two, 7));
	PUT(bpf_map_update_elem(&hash, &k, &two, 3));
	p = bpf_map_lookup_elem(&hash, &k);
	PUT(p ? *p : -1);
	PUT(bpf_map_update_elem(&hash, &k, &two, BPF_EXIST));
	q = bpf_map_lookup_elem(&hash, &k);
	PUT(p != q);
	PUT(q ? *q : -1);
	k = 2;
	PUT(bpf_map_update_elem(&hash, &k, &two, BPF_ANY));
	k = 3;
	PUT(bpf_map_update_elem(&hash, &k, &two, BPF_ANY));
	k = 4;
	PUT(bpf_map_update_elem(&hash, &k, &two, BPF_ANY));
	PUT(bpf_map_delete_elem(&hash, &k));
	k = 2;
	PUT(bpf_map_delete_elem(&hash, &k));
	PUT(bpf_map_delete_elem(&hash, &k));
	k = 4;
	PUT(bpf_map_update_elem(&hash, &k, &one, BPF_ANY));
	if (p)
		__sync_fetch_and_add(p, 5);
	return 0;
}

SEC("tc")
int array_flags(struct __sk_buff *skb)
{
	__u64 five = 5, *p;
	__u32 k = 2;

	PUT(bpf_map_update_elem(&array, &k, &five, BPF_EXIST));
	PUT(bpf_map_update_elem(&array, &k, &five, BPF_NOEXIST));
	PUT(bpf_map_update_elem(&array, &k, &five, 9));
	PUT(bpf_map_delete_elem(&array, &k));
	p = bpf_map_lookup_elem(&array, &k);
	PUT(p ? *p : -1);
	k = 3;
	PUT(bpf_map_update_elem(&array, &k, &five, BPF_ANY));
	PUT(bpf_map_update_elem(&array, &k, &five, BPF_NOEXIST));
	PUT(bpf_map_lookup_elem(&array, &k) != 0);
	PUT(bpf_map_delete_elem(&array, &k));
	k = 1;
	p = bpf_map_lookup_elem(&array, &k);
	if (p)
		*p = 77;
	return 0;
}

SEC("tc")
int percpu(struct __sk_buff *skb)
{
	__u64 five = 5, *p;
	__u32 k = 1;

	PUT(bpf_map_update_elem(&phash, &k, &five, BPF_EXIST));
	PUT(bpf_map_update_elem(&phash, &k, &five, BPF_ANY));
	PUT(bpf_map_update_elem(&phash, &k, &five, BPF_NOEXIST));
	p = bpf_map_lookup_elem(&phash, &k);
	if (p)
		*p += 1;
	p = bpf_map_lookup_percpu_elem(&phash, &k, bpf_get_smp_processor_id());
	PUT(p ? *p : -1);
	PUT(bpf_map_lookup_percpu_elem(&phash, &k, 100000) != 0);
	PUT(bpf_map_update_elem(&parray, &k, &five, BPF_ANY));
	p = bpf_map_lookup_elem(&parray, &k);
	PUT(p ? *p : -1);
	k = 2;
	PUT(bpf_map_update_elem(&parray, &k, &five, BPF_ANY));
	PUT(bpf_map_update_elem(&phash, &k, &five, BPF_ANY));
	k = 3;
	PUT(bpf_map_update_elem(&phash, &k, &five, BPF_ANY));
	return 0;
}

SEC("tc")
int queues(struct __sk_buff *skb)
{
	__u32 v = 1;

	PUT(bpf_map_pop_elem(&queue, &v));
	PUT(v);
	v = 1;
	PUT(bpf_map_push_elem(&queue, &v, BPF_NOEXIST));
	PUT(bpf_map_push_elem(&queue, &v, BPF_ANY));
	v = 2;
	PUT(bpf_map_push_elem(&queue, &v, 8));
	PUT(bpf_map_push_elem(&queue, &v, BPF_ANY));
	v = 3;
	PUT(bpf_map_push_elem(&queue, &v, BPF_ANY));
	PUT(bpf_map_push_elem(&queue, &v, BPF_EXIST));
	PUT(bpf_map_peek_elem(&queue, &v));
	PUT(v);
	PUT(bpf_map_pop_elem(&queue, &v));
	PUT(v);
	PUT(bpf_map_pop_elem(&queue, &v));
	PUT(v);
	v = 9;
	PUT(bpf_map_peek_elem(&queue, &v));
	PUT(v);
	v = 1;
	PUT(bpf_map_push_elem(&stack, &v, BPF_ANY));
	v = 2;
	PUT(bpf_map_push_elem(&stack, &v, BPF_ANY));
	v = 3;
	PUT(bpf_map_push_elem(&stack, &v, BPF_ANY));
	PUT(bpf_map_push_elem(&stack, &v, BPF_EXIST));
	PUT(bpf_map_pop_elem(&stack, &v));
	PUT(v);
	PUT(bpf_map_pop_elem(&stack, &v));
	PUT(v);
	v = 42;
	PUT(bpf_map_peek_elem(&bloom, &v));
	PUT(bpf_map_push_elem(&bloom, &v, BPF_EXIST));
	PUT(bpf_map_push_elem(&bloom, &v, BPF_ANY));
	PUT(bpf_map_peek_elem(&bloom, &v));
	return 0;
}

SEC("tc")
int prefixes(struct __sk_buff *skb)
{
	struct lpm_key k = { 8, { 10, 1, 2, 3 } };
	__u32 v = 8, *p;

	PUT(bpf_map_update_elem(&trie, &k, &v, BPF_EXIST));
	PUT(bpf_map_update_elem(&trie, &k, &v, BPF_ANY));
	k.len = 24;
	v = 24;
	PUT(bpf_map_update_elem(&trie, &k, &v, BPF_NOEXIST));
	PUT(bpf_map_update_elem(&trie, &k, &v, BPF_NOEXIST));
	PUT(bpf_map_update_elem(&trie, &k, &v, 5));
	k.len = 33;
	PUT(bpf_map_update_elem(&trie, &k, &v, BPF_ANY));
	PUT(bpf_map_lookup_elem(&trie, &k) != 0);
	PUT(bpf_map_delete_elem(&trie, &k));
	k.len = 32;
	p = bpf_map_lookup_elem(&trie, &k);
	PUT(p ? *p : -1);
	k.data[2] = 9;
	p = bpf_map_lookup_elem(&trie, &k);
	PUT(p ? *p : -1);
	k.data[0] = 11;
	p = bpf_map_lookup_elem(&trie, &k);
	PUT(p ? *p : -1);
	PUT(bpf_map_delete_elem(&trie, &k));
	k.len = 0;
	v = 1;
	PUT(bpf_map_update_elem(&trie, &k, &v, BPF_ANY));
	k.len = 16;
	PUT(bpf_map_update_elem(&trie, &k, &v, BPF_ANY));
	k.len = 32;
	p = bpf_map_lookup_elem(&trie, &k);
	PUT(p ? *p : -1);
	k.data[0] = 10;
	k.len = 7;
	p = bpf_map_lookup_elem(&trie, &k);
	PUT(p ? *p : -1);
	return 0;
}

SEC("tc")
int rings(struct __sk_buff *skb)
{
	__u64 v = 7, *p;
	int i;

	PUT(bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE));
	PUT(bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
	PUT(bpf_ringbuf_output(&ring, &v, 8, 0));
	PUT(bpf_ringbuf_output(&ring, &v, 8, 64));
	PUT(bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
	p = bpf_ringbuf_reserve(&ring, 13, 0);
	PUT(p != 0);
	if (p)
		bpf_ringbuf_discard(p, 0);
	PUT(bpf_ringbuf_query(&ring, BPF_RB_PROD_POS));
	p = bpf_ringbuf_reserve(&ring, 8, 1);
	PUT(p != 0);
	if (p)
		bpf_ringbuf_submit(p, 0);
	p = bpf_ringbuf_reserve(&ring, 5000, 0);
	PUT(p != 0);
	if (p)
		bpf_ringbuf_submit(p, 0);
	p = bpf_ringbuf_reserve(&ring, 4048, 0);
	PUT(p != 0);
	if (p)
		bpf_ringbuf_submit(p, 0);
	p = bpf_ringbuf_reserve(&ring, 4040, 0);
	PUT(p != 0);
	if (p)
		bpf_ringbuf_submit(p, 0);
	for (i = 0; i < 3; i++) {
		p = bpf_ringbuf_reserve(&ring, 1200, 0);
		PUT(p != 0);
		if (p)
			bpf_ringbuf_submit(p, 0);
	}
	PUT(bpf_ringbuf_output(&ring, &v, 8, 0));
	PUT(bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
	PUT(bpf_ringbuf_query(&ring, BPF_RB_CONS_POS));
	PUT(bpf_ringbuf_query(&ring, 99));
	return 0;
}

SEC("tc")
int nested(struct __sk_buff *skb)
{
	__u32 k = 0;
	__u64 v = 3, *p;
	void *m;

	PUT(bpf_map_lookup_elem(&outer, &k) != 0);
	k = 1;
	m = bpf_map_lookup_elem(&outer, &k);
	PUT(m != 0);
	if (!m)
		return 0;
	PUT(bpf_map_update_elem(m, &k, &v, BPF_ANY));
	p = bpf_map_lookup_elem(m, &k);
	PUT(p ? *p : -1);
	k = 2;
	PUT(bpf_map_update_elem(m, &k, &v, BPF_ANY));
	PUT(bpf_map_lookup_elem(&outer, &k) != 0);
	return 0;
}

static long sum_cb(struct bpf_map *map, __u32 *key, __u64 *value, __u64 *ctx)
{
	*ctx += *key * 100 + *value;
	*value += 1;
	return *key == 1;
}

static long loop_cb(__u32 i, __u64 *ctx)
{
	*ctx = *ctx * 3 + i;
	return i == 20;
}

SEC("tc")
int loops(struct __sk_buff *skb)
{
	__u64 sum = 0;

	PUT(bpf_for_each_map_elem(&array, sum_cb, &sum, 0));
	PUT(sum);
	PUT(bpf_for_each_map_elem(&array, sum_cb, &sum, 1));
	sum = 1;
	PUT(bpf_loop(10, loop_cb, &sum, 0));
	PUT(sum);
	PUT(bpf_loop(1000, loop_cb, &sum, 0));
	PUT(sum);
	PUT(bpf_loop(0, loop_cb, &sum, 0));
	PUT(bpf_loop((1 << 23) + 1, loop_cb, &sum, 0));
	PUT(bpf_loop(3, loop_cb, &sum, 2));
	return 0;
}

char _license[] SEC("license") = "GPL";
