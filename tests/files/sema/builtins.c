// Builtins: argument checks, folding.
typedef unsigned long long u64;
typedef unsigned int u32;
struct s { int a, b; };
_Static_assert(__builtin_bswap16(0x1234) == 0x3412, "");
_Static_assert(__builtin_bswap32(0x12345678) == 0x78563412, "");
_Static_assert(__builtin_bswap64(0x0102030405060708) == 0x0807060504030201, "");
_Static_assert(__builtin_ctz(8) == 3 && __builtin_clz(1) == 31 && __builtin_popcountll(~0ULL) == 64, "");
_Static_assert(__builtin_ffs(0) == 0 && __builtin_ffsl(1L << 40) == 41 && __builtin_parity(7) == 1, "");
_Static_assert(__builtin_types_compatible_p(int, const int) && !__builtin_types_compatible_p(int, long), "");
_Static_assert(__builtin_types_compatible_p(int *, int *) && !__builtin_types_compatible_p(int *, const int *), "");
_Static_assert(__builtin_constant_p(3 + 4) && __builtin_constant_p("abc"), "");
_Static_assert(__builtin_offsetof(struct s, b) == 4, "");
_Static_assert(__builtin_strlen("four") == 4 && __builtin_strcmp("<", "<") == 0, "");
_Static_assert(__builtin_strcmp("a", "b") < 0 && __builtin_strcmp("ab", "a") > 0, "");
_Static_assert(__builtin_strncmp("abc", "abd", 2) == 0 && __builtin_strncmp("abc", "abd", 3) < 0, "");
_Static_assert(_Generic(1UL, int: 1, unsigned long: 2, default: 3) == 2, "");
_Static_assert(_Generic((char)1, int: 1, default: 3) == 3, "");
_Static_assert(_Generic(&(struct s){ 0 }, struct s *: 1, default: 0), "");
_Static_assert(__builtin_choose_expr(0, 1, 2) == 2, "");
_Static_assert(sizeof(__builtin_choose_expr(1, (char)1, 1UL)) == 1, "");
_Static_assert(__builtin_expect(5, 1) == 5, "");
_Static_assert(sizeof(typeof(int[3])) == 12 && _Alignof(u64) == 8, "");
int run(struct s *p, char *buf, int n, u64 *w, long l)
{
	int sum;
	unsigned char small;
	struct s local;
	char four[4];
	_Bool over;
	__builtin_memcpy(buf, p, sizeof(*p));
	__builtin_memset(&local, 0, sizeof(local));
	__builtin_memset(p, 0, sizeof(p));  // warning[sizeof-pointer-memaccess]: 'memset' call operates on objects of type 'struct s' while the size is based on a different type 'struct s *'
	__builtin_memset(buf, 3, 0);        // warning[memset-transposed-args]: 'size' argument to memset is '0'; did you mean to transpose the last two arguments?
	__builtin_memcpy(four, buf, 8);     // warning[fortify-source]: 'memcpy' will always overflow; destination buffer has size 4, but size argument is 8
	__builtin_memcpy(buf, p);           // error[c-argument-count]: too few arguments to function call, expected 3, have 2
	__builtin_memcpy(n, p, 4);          // error[c-int-conversion]: incompatible integer to pointer conversion passing 'int' to parameter of type 'void *'
	n = __builtin_strcmp(buf, "x");     // error[bpf-unknown-function]: strcmp() does not exist in BPF programs
	over = __builtin_add_overflow(n, l, &sum);
	over |= __builtin_mul_overflow(n, 3, &small);
	over |= __builtin_uaddll_overflow(1, 2, w);
	over |= __builtin_add_overflow(n, p, &sum); // error[c-operands]: operand argument to overflow builtin must be an integer ('struct s *' invalid)
	over |= __builtin_add_overflow(n, 1, sum);  // error[c-operands]: result argument to overflow builtin must be a pointer to a non-const integer ('int' invalid)
	n = __sync_fetch_and_add(w, 1);
	__sync_fetch_and_add(n, 1);         // error[c-atomic]: address argument to atomic builtin must be a pointer ('int' invalid)
	__sync_fetch_and_add(w);            // error[c-argument-count]: too few arguments to function call, expected 2, have 1
	n += __atomic_load_n(w, 5) + __atomic_add_fetch(w, 2, 0);
	__atomic_store_n(w, 1, 3);
	n += __sync_bool_compare_and_swap(w, 1, 2) + __sync_val_compare_and_swap(w, 1, 2);
	n = __builtin_bswap32(n);
	n = __builtin_bswap32(p); /* not clang */ // error[c-int-conversion]: incompatible pointer to integer conversion passing 'struct s *' to parameter of type 'unsigned int'
	if (n > 3)
		__builtin_trap();
	n = __builtin_nosuch(1);  /* not clang */ // error[bpf-unknown-function]: call to undeclared function '__builtin_nosuch'
	int (*fp)(int) = __builtin_ctz; /* not clang */ // error[c-builtin]: builtin functions must be directly called: '__builtin_ctz'
	return n + over + four[0] + fp(1);
}
