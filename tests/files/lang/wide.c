// 128-bit integers.
typedef unsigned __int128 u128; typedef __int128 s128;
#define FOLD(v) ((long)((v) ^ (v) >> 64))
long sums(long a, long b) { u128 x = a, y = (u64)b; s128 z = a; x += y; x -= 3; z = -z + b; return FOLD(x) + FOLD((u128)z) * 3; }
// run: sums (5, 6) = 11; (-1, -1) = -5; (-9223372036854775807, 9223372036854775807) = -4; (0, 0) = 2
long products(long a, long b) { u128 x = (u128)(u64)a * (u64)b; s128 y = (s128)a * b; return (long)(x >> 64) + (long)x * 3 + (long)(y >> 64) * 5; }
// run: products (4294967296, 4294967297) = 12884901894; (-1, -1) = 1; (-3, 7) = -62
long shifts(long a, long b) { u128 x = ((u128)(u64)a << 64) | (u64)b; s128 y = (s128)x; int n = a & 127; u128 l = x << n, r = x >> n; s128 s = y >> n; return FOLD(l) + FOLD(r) * 3 + FOLD((u128)s) * 5; }
// run: shifts (5, 6) = 4611686018427388000; (64, -1) = 511; (-1, 1) = -9223372036854775805; (127, -5) = -9223372036854775808; (-128, 3) = -1125
long compares(long a, long b) { s128 x = a, y = b; u128 p = (u128)x, q = (u128)y; return (x < y) + (x <= y) * 2 + (x > y) * 4 + (x == y) * 8 + (p < q) * 16 + (p >= q) * 32 + (p != q) * 64 + !x * 128 + (x ? 256 : 0) + (p && y) * 512; }
// run: compares (1, 2) = 851; (-1, 1) = 867; (3, 3) = 810; (0, -1) = 212
long logic(long a, long b) { u128 x = a, y = b; x = (x & ~y) | (y ^ 7); _Bool t = y; u8 c = x; x++; --y; return FOLD(x) + t + c + (long)y; }
// run: logic (12, 10) = 37; (0, 0) = 14; (-1, 256) = 511
struct address { u128 ip; u16 port; };
long members(long a, long b) { struct address s = { .ip = a, .port = b }, t = s; t.ip <<= 4; s.ip ^= t.ip; return (long)s.ip + t.port + sizeof(s); }
// run: members (9, 80) = 265
