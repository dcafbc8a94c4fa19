#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *ptr, __u32 off, void *buffer, __u32 size) __ksym;

SEC("xdp")
int x(struct xdp_md *ctx)
{
	struct bpf_dynptr ptr;
	char buffer[16] = {}, word[4] = {};
	char *slice;

	bpf_dynptr_from_xdp(ctx, 0, &ptr);
	slice = bpf_dynptr_slice_rdwr(&ptr, 0, buffer, sizeof(buffer));
	if (!slice)
		return XDP_DROP;
	bpf_dynptr_write(&ptr, 0, word, sizeof(word), 0);
	slice[1] = 7;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
