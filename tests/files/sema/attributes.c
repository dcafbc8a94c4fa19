// Attributes: known, unknown, in the wrong shape.
int a __attribute__((section("mine"), used, aligned(16), unused));
int b __attribute__((section));             // error[c-attribute]: 'section' attribute takes one argument
int c __attribute__((section(3)));          // error[c-attribute]: 'section' attribute requires a string
int d __attribute__((frobnicate));          // warning[unknown-attributes]: unknown attribute 'frobnicate' ignored
int e __attribute__((__aligned__(__alignof__(long)), __weak__, visibility("hidden")));
_Static_assert(__alignof__(e) == 8, "");
int f(int x) __attribute__((noinline, const, warn_unused_result));
static inline __attribute__((always_inline)) int g(int x) { return x; }
void h(void) __attribute__((noreturn, cold));
int old(void) __attribute__((deprecated("use f")));
typedef int word __attribute__((mode(__word__)));
_Static_assert(sizeof(word) == 8, "");
typedef unsigned int uqi __attribute__((mode(QI)));
_Static_assert(sizeof(uqi) == 1 && (uqi)-1 == 255, "");
int badmode __attribute__((mode(XX)));      // error[c-attribute]: machine mode 'XX' is not supported on this target
static void done(int *p) { *p = 0; }
union arg { int *i; char *c; } __attribute__((transparent_union));
void takes(union arg x);
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
struct __attribute__((packed)) pk { char c; int i; };
_Static_assert(sizeof(struct pk) == 5, "");
int use(int x, int *p, char *s)
{
	int v __attribute__((cleanup(done))) = x;
	int w __attribute__((cleanup(nofunc))) = x; // error[c-attribute]: 'cleanup' argument 'nofunc' is not a function
	f(x);                               // warning[unused-result]: ignoring return value of function declared with 'warn_unused_result' attribute
	takes(p);
	takes(s);
	print("%d %s\n", x, s);
	print("%d\n");                      // warning[format]: more '%' conversions than data arguments
	return old() + v + g(x);            // warning[deprecated-declarations]: 'old' is deprecated: use f
}
