#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	struct bpf_dynptr d;
	__u32 v = 7;

	bpf_ringbuf_reserve_dynptr(&rb, 8, 0, &d);
	bpf_ringbuf_submit_dynptr(&d, 0);
	bpf_dynptr_write(&d, 0, &v, sizeof(v), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
