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
	__u64 t = 1;

	bpf_dynptr_write(&d, 0, &t, sizeof(t), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
