#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
extern void *bpf_obj_new_impl(__u64 id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *p, void *meta) __ksym;
struct nd { int key; long n; };

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct nd *p = bpf_obj_new_impl(bpf_core_type_id_local(struct nd), NULL);

	if (!p)
		return 0;
	p->n = 3;
	bpf_obj_drop_impl(p, NULL);
	return p->key;
}

char LICENSE[] SEC("license") = "GPL";
