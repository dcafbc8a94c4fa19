#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
extern void *bpf_obj_new_impl(__u64 id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *p, void *meta) __ksym;

struct note {
	long a, b;
};
struct other {
	long a, b;
};
struct slot {
	struct note __kptr *note;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct slot);
} slots SEC(".maps");

SEC("tc")
int x(struct __sk_buff *skb)
{
	int key = 0;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);
	struct note *note, *old;

	if (!slot)
		return 0;
	note = bpf_obj_new_impl(bpf_core_type_id_local(struct note), NULL);
	if (!note)
		return 0;
	note->a = skb->len;
	old = bpf_kptr_xchg(&slot->note, note);
	if (old)
		bpf_obj_drop_impl(old, NULL);
	note = slot->note;
	return note && note->a > 100 ? 2 : 0;
}

char LICENSE[] SEC("license") = "GPL";
