// no-clang
#define SEC(n) __attribute__((section(n), used))
static long (*bpf_probe_read_kernel)(void *dst, unsigned size, const void *src) = (void *) 113;
extern int ready __attribute__((section(".kconfig")));
SEC("kprobe/x") int p(void *ctx)
{
	long v = ready;
	bpf_probe_read_kernel(&v, sizeof(v), ctx); // warning[bpf-license]: bpf_probe_read_kernel() is GPL-only, and this program has no license
	return v;
}
