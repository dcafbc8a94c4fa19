// Things that are legal and probably wrong.
// flags: all extra
typedef unsigned char u8; typedef unsigned int u32; typedef unsigned long long u64; typedef signed char s8;
struct pair { int a, b; };
enum e1 { X1, Y1 }; enum e2 { X2, Y2 };
int ext(int);
__attribute__((unused)) static int arithmetic(int x, u32 u, u64 w, u8 b, enum e1 p, enum e2 q)
{
	x = x / 0;                // warning[division-by-zero]: division by zero is undefined
	x = x % 0;                // warning[division-by-zero]: remainder by zero is undefined
	x /= 0;                   // warning[division-by-zero]: division by zero is undefined
	x = 1 ? 1 : 1 / 0;
	x = x << 32;              // warning[shift-count-overflow]: shift count >= width of type
	x = x >> -1;              // warning[shift-count-negative]: shift count is negative
	x <<= 33;                 // warning[shift-count-overflow]: shift count >= width of type
	w = w << 33;
	w = 1 << 33;              // warning[shift-count-overflow]: shift count >= width of type
	w = 1ULL << 33;
	x = 2147483647 + 1;       // warning[integer-overflow]: overflow in expression; result is -2147483648 with type 'int'
	w = 1000000 * 1000000;    // warning[integer-overflow]: overflow in expression; result is -727379968 with type 'int'
	x = -1 << 2;              // warning[shift-negative-value]: shifting a negative signed value is undefined
	x = b == 256;             // warning[tautological-constant-out-of-range-compare]: result of comparison of constant 256 with expression of type 'u8' (aka 'unsigned char') is always false
	x = b < 1000;             // warning[tautological-constant-out-of-range-compare]: is always true
	x = x == x;               // warning[tautological-compare]: self-comparison always evaluates to true
	x = u < u;                // warning[tautological-compare]: self-comparison always evaluates to false
	x = p == q;               // warning[enum-compare]: comparison of different enumeration types ('enum e1' and 'enum e2')
	x = "a" == "b";           // warning[string-compare]: result of comparison against a string literal is unspecified
	x = u == x;               // warning[sign-compare]: comparison of integers of different signs: 'u32' (aka 'unsigned int') and 'int'
	x = u == 5;
	x = u < sizeof(int);
	x = w >> 32 != x;
	x = b < x;
	for (x = 0; x < u; x++)   // warning[sign-compare]: comparison of integers of different signs: 'int' and 'u32' (aka 'unsigned int')
		ext(x);
	return x;
}
int precedence(int x, int y, int z)
{
	x = x & y == z;           // warning[parentheses]: & has lower precedence than ==; == will be evaluated first
	x = x | y != z;           // warning[parentheses]: | has lower precedence than !=; != will be evaluated first
	x = (x & y) == z;
	x = x << y + z;           // warning[shift-op-parentheses]: operator '<<' has lower precedence than '+'; '+' will be evaluated first
	x = x << (y + z);
	x = x || y && z;          // warning[logical-op-parentheses]: '&&' within '||'
	x = x || (y && z);
	x = x < y < z;            // warning[parentheses]: comparisons like 'X<Y<Z' don't have their mathematical meaning
	x = y && 4;               // warning[constant-logical-operand]: use of logical '&&' with constant operand
	return x;
}
int arrays(void)
{
	int a[4] = { 0 };
	int b[2][3] = { { 0 } };
	a[4] = 1;                 // warning[array-bounds]: array index 4 is past the end of the array (that has type 'int[4]')
	a[-1] = 1;                // warning[array-bounds]: array index -1 is before the beginning of the array
	b[1][3] = 1;              // warning[array-bounds]: array index 3 is past the end of the array
	b[2][0] = 1;              // warning[array-bounds]: array index 2 is past the end of the array
	a[3] = sizeof(a[9]);
	if (0)
		a[7] = 1;
	return a[0] + b[0][0];
}
int unused(int x, int y)          // warning[unused-parameter]: unused parameter 'y'
{
	int never;                // warning[unused-variable]: unused variable 'never'
	int set;                  // warning[unused-but-set-variable]: variable 'set' set but not used
	int counted = 0;          // warning[unused-but-set-variable]: variable 'counted' set but not used
	int quiet __attribute__((unused));
	static int stat;          // warning[unused-variable]: unused variable 'stat'
	typedef int local_t;      // warning[unused-local-typedef]: unused typedef 'local_t'
	struct pair pr;
	volatile int vol;         // warning[unused-but-set-variable]: variable 'vol' set but not used
	set = x;
	counted++;
	vol = 1;
	pr.a = x;
	x == 3;                   // warning[unused-comparison]: equality comparison result unused
	x + 3;                    // warning[unused-value]: expression result unused
	x;                        // warning[unused-value]: expression result unused
	(void)x;
	x && ext(x);
	x ? ext(1) : ext(2);
	pr.b;                     // warning[unused-value]: expression result unused
	"text";                   // warning[unused-value]: expression result unused
	*&x;                      // warning[unused-value]: expression result unused
	x = x;                    // warning[self-assign]: explicitly assigning value of variable of type 'int' to itself
	pr.a = pr.a;
	return pr.a;
}
static int not_called(void) { return 1; } // warning[unused-function]: unused function 'not_called'
static int not_used;              // warning[unused-variable]: unused variable 'not_used'
static int declared_only(void);   // warning[unused-function]: unused function 'declared_only'
static int undefined(void);       // warning[undefined-internal]: function 'undefined' has internal linkage but is not defined
int calls_undefined(void) { return undefined(); }
struct pair missing = { 1 };      // warning[missing-field-initializers]: missing field 'b' initializer
struct pair zero = { 0 };
struct pair designated = { .a = 1 };
struct { struct pair p; int z; } flat = { 1, 2, 3 }; // warning[missing-braces]: suggest braces around initialization of subobject
int *escape(int p)
{
	int local = p;
	return &local;            // warning[return-stack-address]: address of stack memory associated with local variable 'local' returned
}
char *escape_array(void)
{
	char buf[4] = "abc";
	return buf;               // warning[return-stack-address]: address of stack memory associated with local variable 'buf' returned
}

int negation(int a, int b)
{
	int found = !a == b;      // warning[logical-not-parentheses]: logical not is only applied to the left hand side
	found += !a == !b;
	found += (!a) == b;
	({ a; });                 // warning[unused-value]: expression result unused
	({ found = b; });
	return found;
}
