#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("tracepoint/syscalls/sys_enter_getpid")
int on_getpid(void *ctx)
{
	struct bpf_dynptr d;
	__u64 *slot;

	bpf_ringbuf_reserve_dynptr(&rb, 16, 0, &d);
	slot = bpf_dynptr_data(&d, 0, 8);
	*slot = bpf_ktime_get_ns();
	bpf_ringbuf_submit_dynptr(&d, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
