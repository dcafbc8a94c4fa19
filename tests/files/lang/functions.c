// Functions of the program: inlined, called, through pointers, with many parameters.
static __attribute__((noinline)) long called(long a, long b) { return a * 3 - b; }
static __attribute__((noinline)) int narrow_result(u8 a, s16 b) { return a - b; }
static __attribute__((noinline)) u8 byte_result(long a) { return a; }
static __attribute__((noinline)) s16 short_result(long a) { return a; }
static __attribute__((noinline)) _Bool truth(long a) { return a; }
long calls(long a, long b) { return called(a, b) + narrow_result(a, b) * 10 + byte_result(a) + short_result(b) * 3 + truth(a & 8) * 100000 + truth(b); }
// run: calls (300, 70000) = 137; (-1, -1) = 102811; (8, 0) = 100112
static inline long many(long a, long b, int c, u8 d, long e, long f, s8 g) { return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7; }
long seven(long a, long b) { return many(a, b, a, b, a + b, a - b, a); }
// run: seven (300, 7) = 4843
static int twice(int x) { return 2 * x; }
static int thrice(int x) { return 3 * x; }
static inline int apply(int (*f)(int), int x) { return f(x) + (*f)(1); }
long function_pointers(long a, long b) { int (*g)(int) = twice; return apply(twice, a) + apply(thrice, b) * 100 + g(a) * 10000; }
// run: function_pointers (5, 6) = 102112
static void fill(int *p, int n) { for (int i = 0; i < 4; i++) p[i] = n + i; }
long by_pointer(long a, long b) { int t[4]; fill(t, a); return t[0] + t[3] * 10; }
// run: by_pointer (5, 0) = 85
static inline long fact(long n) { long r = 1; for (long i = 2; i <= n && i < 20; i++) r *= i; return r; }
long nested_calls(long a, long b) { return called(called(a, b), called(b, a)) + fact(5) * fact(a & 7); }
// run: nested_calls (3, 4) = 726
static long no_return_value(long a) { if (a) return 5; return 6; }
long used(long a, long b) { return no_return_value(a) + no_return_value(b); }
// run: used (0, 1) = 11
static long static_inline_expr(long x) { return ({ typeof(x) y = x; y * y; }); }
long square(long a, long b) { return static_inline_expr(a) + static_inline_expr(b); }
// run: square (3, 4) = 25
static __attribute__((noinline)) void store(long *p, long v) { *p = v; }
long void_call(long a, long b) { long x = 1; store(&x, a); return x + b; }
// run: void_call (3, 4) = 7
static inline long constant_or(long x) { return __builtin_constant_p(x) ? 1000 : x; }
long decided_late(long a, long b) { return constant_or(5) >= 5; }
// run: decided_late (3, 4) = 1
