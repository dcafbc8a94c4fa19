#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} urb SEC(".maps");
u64 n;
static long cb(struct bpf_dynptr *d, void *c)
{
	u32 *v = bpf_dynptr_data(d, 0, 4);

	if (v)
		n += *v;
	return 0;
}

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	bpf_user_ringbuf_drain(&urb, cb, NULL, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
