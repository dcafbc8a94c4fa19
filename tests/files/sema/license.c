// no-clang
#define SEC(n) __attribute__((section(n), used))
static unsigned long long (*bpf_ktime_get_ns)(void) = (void *) 5;
static long (*bpf_probe_read_kernel)(void *dst, unsigned size, const void *src) = (void *) 113;
static unsigned (*bpf_get_prandom_u32)(void) = (void *) 7;
SEC("kprobe/x") int p(void *ctx)
{
	long v = 0;
	bpf_probe_read_kernel(&v, sizeof(v), ctx); // warning[bpf-license]: bpf_probe_read_kernel() is GPL-only, and "Proprietary" is not a GPL-compatible license
	return v + bpf_get_prandom_u32();
}
char _license[] SEC("license") = "Proprietary";
