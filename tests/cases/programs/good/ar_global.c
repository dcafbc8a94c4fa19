#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#define __arena __attribute__((address_space(1)))
struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 10);
} arena SEC(".maps");
int __arena counter;
int __arena tab[16];
void *keep;

SEC("syscall")
int x(void *ctx)
{
	u32 i = bpf_get_prandom_u32();

	keep = &arena;
	counter++;
	tab[i & 1023]++;
	return counter + tab[2];
}

char LICENSE[] SEC("license") = "GPL";
