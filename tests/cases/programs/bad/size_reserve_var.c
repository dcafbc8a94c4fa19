#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("tracepoint/syscalls/sys_enter_read")
int rd(void *ctx)
{
	__u32 n = bpf_get_prandom_u32() & 63;
	void *e = bpf_ringbuf_reserve(&rb, n + 8, 0);

	if (!e)
		return 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
