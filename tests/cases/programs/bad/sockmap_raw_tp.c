#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, __u64);
} socks SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	int key = 1;

	return bpf_map_delete_elem(&socks, &key);
}

char LICENSE[] SEC("license") = "GPL";
