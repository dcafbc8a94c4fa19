#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = 0;
	__u64 v = 1;

	bpf_map_update_elem(&rb, &k, &v, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
