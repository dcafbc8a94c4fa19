#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
extern void *bpf_obj_new_impl(__u64 id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *p, void *meta) __ksym;
struct nd { int key; long n; char c[8]; };

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct nd *p = bpf_obj_new_impl(bpf_core_type_id_local(struct nd), NULL);
	int r;

	if (!p)
		return 0;
	p->key = skb->len;
	p->n = p->key + 1;
	p->c[3] = 1;
	r = p->n > 100;
	bpf_obj_drop_impl(p, NULL);
	return r;
}

char LICENSE[] SEC("license") = "GPL";
