// Implicit conversions: pointers, integers, constants that change, casts.
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
struct a { int x; }; struct b { int x; };
enum e { E1, E2 };
int takes_int(int *p); void takes_char(char *p); void takes_void(void *p);
typedef int fn(int); typedef long fn2(long);
int f(int x);
struct bits { unsigned u3 : 3; int s1 : 1; int s4 : 4; u64 wide : 40; _Bool flag : 1; };
static __attribute__((unused)) int pointers(int *ip, const int *cip, unsigned *up, char *cp, u8 *ucp, long *lp, struct a *a, struct b *b, void *vp, const void *cvp, int **ipp, const int **cipp, volatile int *vip)
{
	ip = lp;                  // warning[incompatible-pointer-types]: incompatible pointer types assigning to 'int *' from 'long *'
	a = b;                    // warning[incompatible-pointer-types]: incompatible pointer types assigning to 'struct a *' from 'struct b *'
	ip = cip;                 // warning[incompatible-pointer-types-discards-qualifiers]: assigning to 'int *' from 'const int *' discards qualifiers
	ip = vip;                 // warning[incompatible-pointer-types-discards-qualifiers]: assigning to 'int *' from 'volatile int *' discards qualifiers
	cip = ip;
	vp = cvp;                 // warning[incompatible-pointer-types-discards-qualifiers]: assigning to 'void *' from 'const void *' discards qualifiers
	vp = ip;
	ip = vp;
	ip = 0;
	ip = (void *)0;
	cipp = ipp;               // warning[incompatible-pointer-types-discards-qualifiers]: discards qualifiers in nested pointer types
	ip = up;                  // warning[pointer-sign]: assigning to 'int *' from 'unsigned int *' converts between pointers to integer types with different sign
	cp = ucp;                 // warning[pointer-sign]: converts between pointers to integer types where one is of the unique plain 'char' type and the other is not
	takes_int(up);            // warning[pointer-sign]: passing 'unsigned int *' to parameter of type 'int *' converts
	takes_int(lp);            // warning[incompatible-pointer-types]: incompatible pointer types passing 'long *' to parameter of type 'int *'
	takes_char(cip);          // warning[incompatible-pointer-types]: incompatible pointer types passing 'const int *' to parameter of type 'char *'
	takes_void(cvp);          // warning[incompatible-pointer-types-discards-qualifiers]: passing 'const void *' to parameter of type 'void *' discards qualifiers
	int *init = lp;           // warning[incompatible-pointer-types]: incompatible pointer types initializing 'int *' with an expression of type 'long *'
	fn *fp = f;
	fn *fq = &f;
	return init == ip && fp == fq;
}
int *returns(long *lp)
{
	return lp;                // warning[incompatible-pointer-types]: incompatible pointer types returning 'long *' from a function with result type 'int *'
}
#define MASK 0xffff

int constants(struct bits *s)
{
	char c = 300;             // warning[constant-conversion]: implicit conversion from 'int' to 'char' changes value from 300 to 44
	u8 x = 256;               // warning[constant-conversion]: implicit conversion from 'int' to 'u8' (aka 'unsigned char') changes value from 256 to 0
	u8 minus = -1;
	char big = 255;           // warning[constant-conversion]: changes value from 255 to -1
	u8 fits = 255;
	char pattern = 0xff, octal = (0377), high = 0x80;
	short wide = MASK;
	char sum = 0xf0 | 0xf;    // warning[constant-conversion]: changes value from 255 to -1
	char cut = 0x1ff;         // warning[constant-conversion]: changes value from 511 to -1
	int i = 0x80000000;
	int j = 0x1ffffffffULL;   // warning[constant-conversion]: changes value from 8589934591 to -1
	u32 k = -5000000000;      // warning[constant-conversion]: implicit conversion from 'long' to 'u32' (aka 'unsigned int') changes value from -5000000000 to 3589934592
	_Bool t = 5;
	u16 sh = 1 << 16;         // warning[constant-conversion]: changes value from 65536 to 0
	c = 'a';
	s->u3 = 8;                // warning[bitfield-constant-conversion]: implicit truncation from 'int' to bit-field changes value from 8 to 0
	s->u3 = 7;
	s->u3 = -1;
	s->s1 = 1;                // warning[single-bit-bitfield-constant-conversion]: implicit truncation from 'int' to a one-bit wide bit-field changes value from 1 to -1
	s->s4 = 15;               // warning[bitfield-constant-conversion]: changes value from 15 to -1
	s->s4 = 7;
	s->s4 = 16;               // warning[bitfield-constant-conversion]: changes value from 16 to 0
	s->flag = 2;
	i = 1.5;                  // warning[literal-conversion]: implicit conversion from 'double' to 'int' changes value from 1.5 to 1
	u64 ns = 10E9;
	i = 2.0;
	return c + x + minus + big + fits + i + j + k + t + sh + ns;
}
int casts(int i, int *p, u32 u, long l)
{
	void *v = (void *)i;      // warning[int-to-void-pointer-cast]: cast to 'void *' from smaller integer type 'int'
	int *q = (int *)u;        // warning[int-to-pointer-cast]: cast to 'int *' from smaller integer type 'u32' (aka 'unsigned int')
	v = (void *)l;
	v = (void *)5;
	i = (int)p;               // warning[pointer-to-int-cast]: cast to smaller integer type 'int' from 'int *'
	i = (u8)(long)p;
	i = (int)v;               // warning[void-pointer-to-int-cast]: cast to smaller integer type 'int' from 'void *'
	l = (long)p;
	_Bool b = p;
	b = (_Bool)p;
	return i + b + *q + (int)l;
}
static __attribute__((unused)) int comparisons(int *p, char *c, void *v, int i, const int *cp, long l)
{
	i = p == c;               // warning[compare-distinct-pointer-types]: comparison of distinct pointer types ('int *' and 'char *')
	i += p < v;               // warning[compare-distinct-pointer-types]: comparison of distinct pointer types ('int *' and 'void *')
	i += p == v;
	i += p == cp;
	i += p == 0;
	i += p == 5;              // warning[pointer-integer-compare]: comparison between pointer and integer ('int *' and 'int')
	i += p == l;              // warning[pointer-integer-compare]: comparison between pointer and integer ('int *' and 'long')
	p = i ? p : c;            // warning[pointer-type-mismatch]: pointer type mismatch ('int *' and 'char *')
	p = i ? p : v;
	p = i ? p : 0;
	p = i ? p : l;            // warning[conditional-type-mismatch]: pointer/integer type mismatch in conditional expression ('int *' and 'long')
	return i;
}
int conditions(int a[4], int x)
{
	int local[3] = { 0 };
	if (local)                // warning[pointer-bool-conversion]: address of array 'local' will always evaluate to 'true'
		x++;
	if (a)
		x++;
	if (f)                    // warning[pointer-bool-conversion]: address of function 'f' will always evaluate to 'true'
		x++;
	return x + local[0];
}
