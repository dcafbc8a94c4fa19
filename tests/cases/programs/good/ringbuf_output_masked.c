#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} rb SEC(".maps");
char blob[128];

SEC("tracepoint/syscalls/sys_enter_write")
int x(void *ctx)
{
	__u32 n = bpf_get_prandom_u32();

	n &= 127;
	bpf_ringbuf_output(&rb, blob, n, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
