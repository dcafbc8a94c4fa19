// Compiler builtins.
long swaps(long a, long b) { return __builtin_bswap16(a) + __builtin_bswap32(a) + __builtin_bswap64(b); }
// run: swaps (4660, 81985529216486895) = -1167088120914028781; (-1, 1) = 72057594037993470; (305419896, 255) = -72057592018981784
long counts(long a, long b) { long r = 0; if (a) r = __builtin_ctzl(a) + __builtin_clzl(a) * 100; if ((u32)b) r += (__builtin_ctz(b) + __builtin_clz(b) * 100) * 10000L; return r + __builtin_popcountl(a) * 100000000L + __builtin_popcount(b) * 7 + __builtin_parity(b) + __builtin_ffs(b) * 3 + __builtin_ffsl(a); }
// run: counts (0, 0) = 0; (1, 1) = 131006312; (-1, -1) = 6400000228; (256, 65536) = 115165576; (-9223372036854775807, 2147483648) = 200310105; (40, 96) = 225055839
long add_over(long a, long b) { s64 r; u64 u; s32 i; u32 v; s8 c; u16 h; long n = __builtin_add_overflow(a, b, &r); n = n * 2 + __builtin_add_overflow((u64)a, (u64)b, &u); n = n * 2 + __builtin_add_overflow(a, b, &i); n = n * 2 + __builtin_add_overflow((u32)a, (u32)b, &v); n = n * 2 + __builtin_add_overflow((s32)a, (s32)b, &c); n = n * 2 + __builtin_add_overflow((u64)a, (s64)b, &h); return n * 1000003 + r + u * 3 + i * 5 + v * 7 + c + h; }
// run: add_over (1, 2) = 54; (9223372036854775807, 1) = 45000135; (-1, -1) = 4316032859; (4294967295, 1) = 17192869223; (-1, 1) = 21000063; (127, 1) = 2002054; (65535, 1) = 4048585
long sub_over(long a, long b) { s64 r; u64 u; s32 i; u32 v; s8 c; u16 h; long n = __builtin_sub_overflow(a, b, &r); n = n * 2 + __builtin_sub_overflow((u64)a, (u64)b, &u); n = n * 2 + __builtin_sub_overflow(a, b, &i); n = n * 2 + __builtin_sub_overflow((u32)a, (u32)b, &v); n = n * 2 + __builtin_sub_overflow((s32)a, (s32)b, &c); n = n * 2 + __builtin_sub_overflow((u64)a, (s64)b, &h); return n * 1000003 + r + u * 3 + i * 5 + v * 7 + c + h; }
// run: sub_over (1, 2) = 4316032877; (-9223372036854775807, 2) = 4340032949; (-1, -1) = 1000003; (0, 1) = 4316032877; (5, -1) = 20000168; (-128, 1) = 4298030775; (65535, 1) = 3114082
long mul_over(long a, long b) { s64 r; u64 u; s32 i; u32 v; s8 c; u16 h; long n = __builtin_mul_overflow(a, b, &r); n = n * 2 + __builtin_mul_overflow((u64)a, (u64)b, &u); n = n * 2 + __builtin_mul_overflow(a, b, &i); n = n * 2 + __builtin_mul_overflow((u32)a, (u32)b, &v); n = n * 2 + __builtin_mul_overflow((s32)a, (s32)b, &c); n = n * 2 + __builtin_mul_overflow((u64)a, (s64)b, &h); return n * 1000003 + r + u * 3 + i * 5 + v * 7 + c + h; }
// run: mul_over (1, 2) = 36; (4294967296, 4294967296) = 57000171; (-1, -1) = 21000081; (3037000500, 3037000500) = 2374636909; (-9223372036854775807, -1) = 4320032889; (16, 8) = 2002054; (-3, 5) = 4316032625; (256, 256) = 4048585; (0, -5) = 0
long mixed_over(long a, long b) { u64 u; s64 s; long n = __builtin_add_overflow((s32)a, (u32)b, &u); n = n * 2 + __builtin_mul_overflow((u32)a, (u32)b, &s); n = n * 2 + __builtin_sub_overflow((u32)a, (u32)b, &u); n = n * 2 + __builtin_mul_overflow((s64)a, (u64)b, &s); return n * 1000003 + u + s; }
// run: mixed_over (-1, 0) = 4302967319; (-5, 3) = 4302967297; (4294967295, 4294967295) = -8584934576; (-1, -1) = 5000016; (7, 3) = 25
long expects(long a, long b) { if (__builtin_expect(a > 3, 1)) return 1; if (__builtin_expect(!!b, 0)) return 2; return 3; }
// run: expects (5, 0) = 1; (0, 1) = 2; (0, 0) = 3
long constants(long a, long b) { return __builtin_constant_p(3) + __builtin_constant_p(a) * 10 + __builtin_types_compatible_p(int, s32) * 100 + __builtin_types_compatible_p(int *, long *) * 1000 + __builtin_choose_expr(1, 5, a) * 10000; }
// run: constants (0, 0) = 50101
long memories(long a, long b) { u8 s[24], d[24]; __builtin_memset(s, a, sizeof s); __builtin_memset(d, 0, sizeof d); s[5] = b; __builtin_memcpy(d + 3, s, 13); __builtin_memmove(d + 1, d, 20); long r = 0; for (int i = 0; i < 24; i++) r = r * 7 + d[i]; return r; }
// run: memories (3, 9) = 39900202486831323; (255, 0) = 3390998370729932970
long compares(long a, long b) { u8 s[21], d[21]; for (int i = 0; i < 21; i++) s[i] = d[i] = i * 3; s[a & 15] ^= b; int r = __builtin_memcmp(s, d, 21); r = r < 0 ? -1 : r > 0; return r * 100 + (__builtin_memcmp(s, d, 4) == 0) + (__builtin_memcmp(s + 8, d + 8, 8) != 0) * 10; }
// run: compares (0, 1) = 100; (9, 255) = 111; (15, 128) = 111; (3, 0) = 1
long rotates(long a, long b) { return (((u32)a << (b & 31)) | ((u32)a >> (-b & 31))) + (((u64)a << (b & 63)) | ((u64)a >> (-b & 63))); }
// run: rotates (305419896, 8) = 79065575442; (-2, 0) = 4294967292
long unreachable(long a, long b) { if (a & 1) return 1; if (!(a & 1)) return 2; __builtin_unreachable(); }
// run: unreachable (0, 0) = 2; (1, 0) = 1
