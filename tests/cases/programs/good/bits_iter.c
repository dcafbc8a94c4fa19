#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
extern int bpf_iter_bits_new(struct bpf_iter_bits *it, const u64 *p, u32 nr) __ksym;
extern int *bpf_iter_bits_next(struct bpf_iter_bits *it) __ksym;
extern void bpf_iter_bits_destroy(struct bpf_iter_bits *it) __ksym;
int n;

SEC("syscall")
int x(void *ctx)
{
	struct bpf_iter_bits it;
	u64 w[2] = { 5, 9 };
	int *b;

	bpf_iter_bits_new(&it, w, 2);
	while ((b = bpf_iter_bits_next(&it)))
		n += *b;
	bpf_iter_bits_destroy(&it);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
