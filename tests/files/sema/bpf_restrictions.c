// What BPF cannot do. no-clang: clang reports these in its code generator, or not at all.
// no-clang
#define SEC(n) __attribute__((section(n), used))
typedef unsigned long long u64;
struct big { u64 a[4]; };
double ratio(int a, int b)        // error[bpf-unsupported-c]: floating point is not available in BPF
{
	return (double)a / b;     // error[bpf-unsupported-c]: floating point is not available in BPF
}
int average(u64 sum, int n)
{
	double a = (double)sum / n; // error[bpf-unsupported-c]: floating point is not available in BPF
	return a * 1000;
}
float stored = 1.5;
u64 folded = 10E9 * 2;
int recursive(int n)
{
	return n ? recursive(n - 1) : 0; // error[bpf-call-depth]: recursive() calls itself: recursion is not allowed
}
int vla(int n)
{
	char buf[n];              // error[bpf-unsupported-c]: variable length arrays are not available in BPF: the size of 'buf' is not a constant
	return sizeof(buf);
}
int six(int a, int b, int c, int d, int e, int f) // error[bpf-unsupported-c]: 'six' has 6 parameters; a BPF function that is not inlined can have 5
{
	return a + b + c + d + e + f;
}
static __attribute__((always_inline)) int six_inlined(int a, int b, int c, int d, int e, int f)
{
	return a + b + c + d + e + f;
}
struct big returns_struct(void)   // error[bpf-unsupported-c]: 'returns_struct' returns 'struct big' by value
{
	struct big b = { { 1 } };
	return b;
}
static inline struct big inlined_struct(void)
{
	struct big b = { { 1 } };
	return b;
}
int variadic(int n, ...)          // error[bpf-unsupported-c]: functions with a variable number of arguments are not available in BPF
{
	return n;
}
_Thread_local int per_thread;     // error[bpf-unsupported-c]: thread-local storage is not available in BPF
int jumps(int x)
{
	void *p = &&out;          // error[bpf-unsupported-c]: addresses of labels are not available in BPF: there is no computed goto
	goto *p;                  // error[bpf-unsupported-c]: computed goto is not available in BPF
out:
	return x;
}
int libc(char *s)
{
	printf("%s", s);          // error[bpf-unknown-function]: printf() does not exist in BPF programs
	return strlen(s);         // error[bpf-unknown-function]: strlen() does not exist in BPF programs
}
int helper_without_header(void *m, int *k)
{
	return bpf_get_prandom_u32(); // error[bpf-unknown-function]: 'bpf_get_prandom_u32' is a BPF helper, but nothing declares it
}
void *grow(int n)
{
	return __builtin_alloca(n); // error[bpf-unsupported-c]: the stack cannot grow at run time in BPF
}
int atomic_byte(unsigned char *p, struct big *b, short *s)
{
	__sync_fetch_and_add(p, 1); // error[bpf-atomic]: BPF has atomic operations on 4 and 8 bytes only, 'unsigned char' has 1
	__sync_fetch_and_add(b, 1); // error[c-atomic]: address argument to atomic builtin must be a pointer to integer or pointer
	return __sync_val_compare_and_swap(s, 1, 2); // error[bpf-atomic]: BPF has atomic operations on 4 and 8 bytes only, 'short' has 2
}
typedef int vec __attribute__((vector_size(16))); // error[bpf-unsupported-c]: vector types are not available in BPF
int aliased(void) __attribute__((alias("six"))); // error[bpf-unsupported-c]: aliases are not available in BPF objects
_Complex double cd;               // error[bpf-unsupported-c]: complex numbers are not available in BPF
