#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__uint(key_size, 4);
} rb SEC(".maps");

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u64 v = 1;

	return bpf_ringbuf_output(&rb, &v, sizeof(v), 0) != 0;
}

char LICENSE[] SEC("license") = "GPL";
