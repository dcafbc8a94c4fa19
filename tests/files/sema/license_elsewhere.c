// no-clang
// A program in several files, with the license in another of them: nothing to warn about.
#define SEC(n) __attribute__((section(n), used))
#define __weak __attribute__((weak))
static long (*bpf_probe_read_kernel)(void *dst, unsigned size, const void *src) = (void *) 113;
struct { int (*type)[2]; int (*max_entries)[1]; unsigned *key; long *value; } shared __weak SEC(".maps");
SEC("kprobe/x") int p(void *ctx)
{
	long v = 0;
	bpf_probe_read_kernel(&v, sizeof(v), ctx);
	return v;
}
