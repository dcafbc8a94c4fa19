#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
extern void *bpf_obj_new_impl(__u64 id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *p, void *meta) __ksym;
extern void *bpf_refcount_acquire_impl(void *p, void *meta) __ksym;

struct shared {
	long n;
	struct bpf_refcount refs;
};
struct alone {
	long n;
	struct bpf_spin_lock lock;
};

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct alone *one = bpf_obj_new_impl(bpf_core_type_id_local(struct alone), NULL);
	struct alone *two;

	if (!one)
		return 0;
	two = bpf_refcount_acquire_impl(one, NULL);
	bpf_obj_drop_impl(one, NULL);
	bpf_obj_drop_impl(two, NULL);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
