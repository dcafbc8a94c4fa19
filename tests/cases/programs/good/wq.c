#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
extern int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, int (*cb)(void *map, int *key, void *value), unsigned int flags, void *aux) __ksym;
struct e { struct bpf_wq w; int n; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct e);
} es SEC(".maps");
static int later(void *map, int *key, void *value)
{
	struct e *e = value;

	e->n++;
	return 0;
}

SEC("syscall")
int x(void *ctx)
{
	int k = 0;
	struct e *e = bpf_map_lookup_elem(&es, &k);

	if (!e)
		return 1;
	if (bpf_wq_init(&e->w, &es, 0))
		return 1;
	bpf_wq_set_callback_impl(&e->w, later, 0, NULL);
	return bpf_wq_start(&e->w, 0);
}

char LICENSE[] SEC("license") = "GPL";
