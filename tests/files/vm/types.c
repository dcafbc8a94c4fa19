/* bpf_snprintf_btf: values of kernel types in words, one element of ``texts`` each. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct text {
	__s64 length;
	char bytes[1016];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct text);
} texts SEC(".maps");

struct list_head {
	struct list_head *next, *prev;
};

typedef struct {
	int counter;
} atomic_t;

typedef __u64 u64;

__u32 n;

static __attribute__((noinline)) int show(struct btf_ptr *p, __u64 flags, __u32 size)
{
	__u32 k = n++;
	struct text *t = bpf_map_lookup_elem(&texts, &k);

	if (!t)
		return 0;
	if (size > sizeof(t->bytes))
		size = sizeof(t->bytes);
	if (size < 1)
		size = 1;
	t->length = bpf_snprintf_btf(t->bytes, size, p, sizeof(*p), flags);
	return 0;
}

#define SHOW(type, flags, ...) do { \
	type v = __VA_ARGS__; \
	struct btf_ptr p = { .ptr = &v, .type_id = bpf_core_type_id_kernel(type) }; \
	show(&p, flags, 1016); } while (0)
#define ALL(type, ...) do { \
	type v = __VA_ARGS__; \
	struct btf_ptr p = { .ptr = &v, .type_id = bpf_core_type_id_kernel(type) }; \
	show(&p, 0, 1016); show(&p, BTF_F_COMPACT, 1016); show(&p, BTF_F_COMPACT | BTF_F_NONAME, 1016); \
	show(&p, BTF_F_COMPACT | BTF_F_ZERO | BTF_F_PTR_RAW, 1016); } while (0)

SEC("tc")
int scalars(struct __sk_buff *skb)
{
	ALL(int, 1234);
	SHOW(int, BTF_F_NONAME, -4567);
	SHOW(int, 0, 0);
	SHOW(char, 0, 100);
	SHOW(u64, 0, 1ULL << 63);
	SHOW(u64, BTF_F_COMPACT, 0);
	SHOW(enum bpf_cmd, 0, BPF_MAP_CREATE);
	SHOW(enum bpf_cmd, BTF_F_COMPACT, BPF_PROG_LOAD);
	SHOW(enum bpf_cmd, BTF_F_COMPACT, 2000);
	SHOW(enum bpf_cmd, BTF_F_NONAME | BTF_F_ZERO, 0);
	return 0;
}

SEC("tc")
int records(struct __sk_buff *skb)
{
	ALL(atomic_t, { .counter = 1 });
	ALL(atomic_t, { .counter = 0 });
	ALL(struct bpf_insn, { .code = 1, .dst_reg = 2, .src_reg = 3, .off = 4, .imm = -5 });
	ALL(struct bpf_insn, { .code = 0 });
	ALL(struct ethhdr, { .h_dest = { 1, 65, 0, 4 }, .h_proto = 0x0008 });
	return 0;
}

SEC("tc")
int pointers(struct __sk_buff *skb)
{
	SHOW(struct list_head, BTF_F_PTR_RAW, { .next = (void *)0x1234, .prev = (void *)0xffffffffff600000 });
	SHOW(struct list_head, BTF_F_PTR_RAW | BTF_F_COMPACT, { .prev = (void *)1 });
	SHOW(struct list_head, BTF_F_COMPACT | BTF_F_ZERO, { .prev = 0 });
	SHOW(struct btf_ptr, BTF_F_PTR_RAW, { .ptr = (void *)0x55, .flags = 3 });
	return 0;
}

SEC("tc")
int nested(struct __sk_buff *skb)
{
	struct bpf_flow_keys v = { .nhoff = 2, .ip_proto = 6, .n_proto = 9, .ipv4_dst = 7 };
	struct btf_ptr p = { .ptr = &v, .type_id = bpf_core_type_id_kernel(struct bpf_flow_keys) };
	struct btf_ptr bad = { .ptr = &v, .type_id = 0 };

	v.ipv6_src[2] = 5;
	show(&p, 0, 1016);
	show(&p, BTF_F_COMPACT, 1016);
	show(&p, BTF_F_COMPACT | BTF_F_NONAME, 1016);
	show(&p, BTF_F_COMPACT | BTF_F_ZERO, 1016);
	show(&p, BTF_F_COMPACT, 30);
	show(&p, 16, 30);
	show(&bad, 0, 30);
	return 0;
}

SEC("tc")
int arrays(struct __sk_buff *skb)
{
	struct bpf_prog_info v = { .type = 2, .id = 9, .nr_map_ids = 3, .gpl_compatible = 1 };
	struct btf_ptr p = { .ptr = &v, .type_id = bpf_core_type_id_kernel(struct bpf_prog_info) };

	v.name[0] = 'f';
	v.name[1] = 1;
	v.name[2] = '~';
	v.tag[3] = 200;
	v.tag[4] = 'a';
	show(&p, 0, 1016);
	show(&p, BTF_F_COMPACT, 1016);
	show(&p, BTF_F_COMPACT | BTF_F_NONAME, 1016);
	return 0;
}

char _license[] SEC("license") = "GPL";
