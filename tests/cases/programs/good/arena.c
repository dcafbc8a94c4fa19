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

SEC("syscall")
int x(void *ctx)
{
	int __arena *p = bpf_arena_alloc_pages(&arena, NULL, 1, -1, 0);

	if (!p)
		return 1;
	p[3] = 7;
	return p[3];
}

char LICENSE[] SEC("license") = "GPL";
