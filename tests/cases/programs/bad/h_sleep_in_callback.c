#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct { struct bpf_timer t; u64 n; });
} tm SEC(".maps");

static int fire(void *map, u32 *key, void *val)
{
	char b[8];

	bpf_copy_from_user(b, sizeof(b), (void *)0x1000);
	return 0;
}

SEC("tc")
int st(struct __sk_buff *skb)
{
	u32 z = 0;
	struct bpf_timer *t = bpf_map_lookup_elem(&tm, &z);

	if (!t)
		return 0;
	bpf_timer_init(t, &tm, 1);
	bpf_timer_set_callback(t, fire);
	bpf_timer_start(t, 1000, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
