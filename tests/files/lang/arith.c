// Integer arithmetic, promotions and conversions (C17 6.3.1, 6.5).
long add_wraps(long a, long b) { return (s32)a + (s32)b; }
// run: add_wraps (2147483647, 1) = -2147483648; (-5, 3) = -2; (0, 0) = 0
long mixed_sign(long a, long b) { return (u32)a > (s32)b; }
// run: mixed_sign (1, -1) = 0; (0, 0) = 0; (4294967295, 5) = 1
long narrow(long a, long b) { u8 x = a; s8 y = b; return x * y; }
// run: narrow (200, -3) = -600; (255, 127) = 32385; (256, 1) = 0
long u8_arith(long a, long b) { u8 x = a, y = b; x += y; return x; }
// run: u8_arith (200, 100) = 44; (255, 1) = 0
long s8_wrap(long a, long b) { s8 x = a; x++; s8 y = b; y--; return x * 1000 + y; }
// run: s8_wrap (127, -128) = -127873; (1, 1) = 2000
long divide(long a, long b) { return b ? a / b : -1; }
// run: divide (-7, 2) = -3; (7, -2) = -3; (100, 7) = 14; (-9223372036854775807, 3) = -3074457345618258602
long modulo(long a, long b) { return b ? a % b : -1; }
// run: modulo (-7, 2) = -1; (7, -2) = 1; (100, 7) = 2; (-100, 7) = -2
long udivide(long a, long b) { return b ? (u64)a / (u64)b + (u64)a % (u64)b : 1; }
// run: udivide (-7, 2) = 9223372036854775805; (7, -2) = 7; (100, 7) = 16
long divide32(long a, long b) { s32 x = a, y = b; return y ? x / y * 7 + x % y : 3; }
// run: divide32 (-7, 2) = -22; (7, -2) = -20; (-2147483647, 10) = -1503238555; (5, 3) = 9
long udivide32(long a, long b) { u32 x = a, y = b; return y ? x / y * 7 + x % y : 3; }
// run: udivide32 (-7, 2) = 2147483621; (7, -2) = 7; (4000000000, 10) = 2800000000
long by_constants(long a, long b) { return a / 8 + a % 8 + b / 10 + b % 10 + (u64)a / 16 + (u32)b % 32; }
// run: by_constants (-77, -1234) = 1152921504606846844; (77, 1234) = 163; (0, 0) = 0
long shifts(long a, long b) { return (a << (b & 63)) ^ (a >> (b & 63)) ^ (long)((u64)a >> (b & 63)); }
// run: shifts (-5, 3) = 2305843009213693912; (1, 63) = -9223372036854775808; (123456789, 0) = 123456789
long shifts32(long a, long b) { s32 x = a; u32 y = a; return (x << (b & 15)) ^ (x >> (b & 31)) ^ (y >> (b & 31)); }
// run: shifts32 (-5, 3) = 536870872; (1, 31) = 32768; (123456789, 0) = 123456789
long char_shift(long a, long b) { u8 x = a; return x << 24 >> (b & 7); }
// run: char_shift (255, 3) = -2097152; (127, 1) = 1065353216
long unary(long a, long b) { return -a + ~b + !a * 10 + !!b * 100 + +a; }
// run: unary (0, 5) = 104; (9, 0) = -1; (-1, -1) = 100
long compares(long a, long b) {
	return (a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (a == b) << 4 | (a != b) << 5 |
	       ((u64)a < (u64)b) << 6 | ((s32)a < (s32)b) << 7 | ((u32)a >= (u32)b) << 8 | ((u8)a < (s8)b) << 9;
}
// run: compares (1, 2) = 739; (2, 1) = 300; (-1, 1) = 419; (3, 3) = 282; (4294967296, 1) = 684
long compound(long a, long b) {
	u16 x = a; s32 y = b; u64 z = a;
	x += y; x *= 3; x ^= 0x1234; x <<= 2; x |= 1; x &= 0xfff7; x -= 9; y -= x; y >>= 1; z <<= 3; z >>= 1; z %= 1000003; y /= 3;
	return x + y + z;
}
// run: compound (1000, -5) = 25849; (70000, 123456) = 308369; (0, 0) = 15527
long bools(long a, long b) { _Bool x = a, y = b & 2, z = x + y; x += 5; y = !y; z--; return x + y * 2 + z * 4; }
// run: bools (0, 0) = 7; (7, 2) = 1; (256, 1) = 3
long bool_compound(long a, long b) { _Bool x = a; x |= b; x++; _Bool y = b; y ^= 1; y &= x; return x + 2 * y; }
// run: bool_compound (0, 0) = 3; (1, 0) = 3; (0, 4) = 1
long constants(long a, long b) {
	return (0x7fffffff + a) ^ 0xffffffff ^ 0xffffffffffffffff ^ 4294967296 ^ 037777777777 ^ 0b1011 ^ 10u ^ 10ul ^ 'a' ^ '\xff' ^ '\0' ^ '\n' ^ L'x' ^ -2147483648;
}
// run: constants (0, 0) = -4294967321; (1, 1) = -8589934568
long usual(long a, long b) { s64 x = a; u32 y = b; s32 z = b; u64 w = a; return (x + y) * 3 + (x > z) + (w > z) + (y - z) + (x * y); }
// run: usual (-3, -4) = -7; (1, 2) = 11; (5000000000, 4000000000) = 1553255953290448385
long increments(long a, long b) { u32 x = a; s64 y = b; long r = x++ + ++x; r = r * 10 + y-- - --y; return r + x + y; }
// run: increments (5, 7) = 134; (-1, 0) = 1
long comma(long a, long b) { long x; return (x = a, x += b, x * 2); }
// run: comma (1, 2) = 6
long ternary(long a, long b) { return a > b ? (u32)a : b < 0 ? -1 : (s8)b; }
// run: ternary (5, 1) = 5; (1, 200) = 4294967240; (-9, -5) = 4294967295
long elvis(long a, long b) { return (a ?: b) + ((u8)a ?: 7) + (a && b ?: 40); }
// run: elvis (5, 1) = 11; (0, 200) = 247; (256, 0) = 303
long logic(long a, long b) { long n = 0; (a && (n += 1, b)) || (n += 10); if (!(a || b) || (a && !b)) n += 100; return n + (a && b) * 1000 + (a || b) * 2000; }
// run: logic (0, 0) = 110; (1, 0) = 2111; (0, 1) = 2010; (1, 1) = 3001
long pointer_truth(long a, long b) { int x; int *p = a ? &x : 0; return (p ? 1 : 2) + (!p) * 10 + (p && b) * 100; }
// run: pointer_truth (0, 1) = 12; (1, 1) = 101
long wide_mul(long a, long b) { return (u32)a * (u64)b + (s32)a * (s64)(s32)b; }
// run: wide_mul (4000000000, 4000000000) = -2359738368000000000; (-2, 3) = 12884901876
long enums(long a, long b) { enum e { A, B = 5, C, D = -2 }; enum e x = a; enum { BIG = 0x100000000ULL, X }; return x + C + D + (b == B) + (BIG >> 30) + (x < 0) + sizeof(enum e) + sizeof(BIG); }
// run: enums (5, 5) = 26; (-2, 0) = 19
long sizes(long a, long b) { return sizeof(a) + sizeof(int[3]) * 10 + _Alignof(u64) * 1000 + sizeof(char) + sizeof('a') + sizeof("abc") * 100000 + __alignof__(short); }
// run: sizes (0, 0) = 408135
long generic(long a, long b) { return _Generic(a, int: 1, long: 2, default: 3) + _Generic((u8)1, char: 10, unsigned char: 20) + _Generic(&a, long *: 100, default: 200); }
// run: generic (0, 0) = 122
