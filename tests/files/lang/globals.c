// Objects of static storage.
// not in the kernel: through constant_strings (the kernel follows no pointers in data)
static int counter = 5;
static long zero;
int visible = 3;
static const int table[5] = { 10, 20, 30, 40, 50 };
static const char *const names[] = { "one", "two", "three" };
static int *pointer = &counter;
static struct { int *p; long n; void *self; } object = { &visible, 7, &object };
static u8 bytes[16] = "abc";
static struct { u16 a; struct { u8 b[3]; } in[2]; } shape = { 1, { { { 2, 3 } }, { { [2] = 4 } } } };
static long sum = sizeof(table) / sizeof(table[0]) + (3 > 2 ? 40 : 50);
static int *inner = &((int *)table)[2];
static u32 grid[3][4] = { { 1 }, [2] = { [3] = 9 } };
long reads(long a, long b) { return counter + zero + visible + table[a & 3] + sum + bytes[1] + bytes[15] + shape.in[0].b[1] + shape.in[1].b[2] + grid[2][3]; }
// run: reads (2, 0) = 197
long writes(long a, long b) { counter = a; zero += b; visible++; bytes[3] = a; grid[a & 1][b & 3] = 5; return counter + zero + visible + bytes[3] + grid[1][2]; }
// run: writes (1, 2) = 13
long through(long a, long b) { *pointer = a; *object.p = b; return counter * 100 + visible + object.n + (object.self == &object) + *inner; }
// run: through (3, 4) = 342
long constant_strings(long a, long b) { return names[0][0] + names[1][1] * 2 + names[2][4] * 3; }
// run: constant_strings (0, 0) = 652
static long next(void) { static long state = 100; static int calls; calls++; return state += calls; }
long local_static(long a, long b) { next(); next(); return next(); }
// run: local_static (0, 0) = 106
long two_of_a_name(long a, long b) { long r; { static int n = 1; r = n++; } { static int n = 10; r += n++; } return r; }
// run: two_of_a_name (0, 0) = 11
volatile int device = 4;
long volatiles(long a, long b) { device += a; device; int x = device; return x + device; }
// run: volatiles (3, 0) = 14
const volatile int setting = 12;
long settings(long a, long b) { return setting * 2; }
// run: settings (0, 0) = 24
