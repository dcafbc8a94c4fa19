#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#define __arena __attribute__((address_space(1)))
struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 10);
} arena SEC(".maps");
void __arena *bpf_arena_alloc_pages(void *map, void __arena *addr, u32 cnt, int node, u64 fl) __ksym __weak;
void bpf_arena_free_pages(void *map, void __arena *ptr, u32 cnt) __ksym __weak;
struct nd { struct nd __arena *next; int v; u32 a:3, b:5; u64 big[4]; };
struct nd __arena *head;

SEC("syscall")
int x(void *ctx)
{
	struct nd __arena *p = bpf_arena_alloc_pages(&arena, NULL, 1, -1, 0), *q;
	int i, sum = 0;

	if (!p)
		return 1;
	for (i = 0; i < 10; i++) {
		p[i].v = i;
		p[i].a = i;
		p[i].next = head;
		p[i].big[i & 3] += i;
		head = &p[i];
	}
	__sync_fetch_and_add(&p->v, 100);
	for (i = 0; i < 12 && head; i++) {
		sum += head->v + head->a;
		head = head->next;
	}
	bpf_arena_free_pages(&arena, p, 1);
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
