#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define F(n, m) static __attribute__((noinline)) int f##n(int x) { asm volatile(""); return f##m(x + 1) * 2; }
static __attribute__((noinline)) int f9(int x) { asm volatile(""); return x + bpf_get_prandom_u32(); }
F(8, 9)
F(7, 8)
F(6, 7)
F(5, 6)
F(4, 5)
F(3, 4)
F(2, 3)
F(1, 2)

SEC("raw_tp/sys_enter")
int top(void *ctx)
{
	return f1(1);
}

char LICENSE[] SEC("license") = "GPL";
