#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
extern int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) __ksym;
extern void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) __ksym;

struct guarded {
	struct bpf_res_spin_lock lock;
	long n;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct guarded);
} table SEC(".maps");

SEC("tc")
int x(struct __sk_buff *skb)
{
	int key = 0;
	struct guarded *g = bpf_map_lookup_elem(&table, &key);

	if (!g)
		return 0;
	bpf_res_spin_lock(&g->lock);
	g->n += skb->len;
	bpf_res_spin_unlock(&g->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
