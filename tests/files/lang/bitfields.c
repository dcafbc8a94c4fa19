// Bit-fields: widths, signs, straddling, packed, in unions, all assignments.
struct flags { u32 a : 3, b : 5, : 4, c : 20; s32 d : 7, e : 25; u8 f : 1, g : 7; u64 h : 40, i : 24; };
struct tight { u8 k; u32 a : 20; u32 b : 12; u64 c : 37; s64 d : 19; } __attribute__((packed));
struct odd { u16 x : 9; u16 y : 9; u8 z : 4; _Bool t : 1; enum { P, Q, R } e : 2; u32 : 0; u8 w : 3; };
long sizes(long a, long b) { return sizeof(struct flags) + sizeof(struct tight) * 100 + sizeof(struct odd) * 10000; }
// run: sizes (0, 0) = 81224
long store_load(long a, long b) { struct flags f = {}; f.a = a; f.b = b; f.c = a * b; f.d = a; f.e = -b; f.f = a; f.g = b; f.h = a * 12345678901; f.i = b; return f.a + f.b * 10 + f.c * 100 + f.d * 7 + f.e * 3 + f.f + f.g * 5 + f.h + f.i * 9; }
// run: store_load (5, 9) = 61728399235; (-1, -1) = 1087316944859; (123456, 654321) = 225092636933
long values(long a, long b) { struct flags f; long r = f.a = a; r = r * 100 + (f.d = b); r = r * 100 + ++f.a + f.d--; r += f.a += 3; r += f.d <<= 1; return r + f.a + f.d; }
// run: values (7, 63) = 76361; (0, -64) = -6459; (9, 100) = 7068
long packed_ones(long a, long b) { struct tight t = { 1, a, b, a * b, -a }; t.a += 1; t.b ^= 5; t.c -= 3; t.d++; u8 *p = (u8 *)&t; long s = 0; for (unsigned i = 0; i < sizeof t; i++) s = s * 31 + p[i]; return s + t.a + t.b + t.c + t.d + t.k; }
// run: packed_ones (5, 9) = 30490038972764136; (1048575, 4095) = 25552191969594202; (-1, -1) = 25552325587505593
long odd_ones(long a, long b) { struct odd o = { .x = a, .y = b, .z = 3, .t = b, .e = R, .w = a }; o.x++; o.t = !o.t; o.w += 5; return o.x + o.y * 3 + o.z * 5 + o.t * 7 + o.e * 11 + o.w * 13; }
// run: odd_ones (511, 511) = 1622; (5, 0) = 76
long promotion(long a, long b) { struct { u32 x : 31; u32 y : 32; u64 z : 33; s8 w : 4; } s = { a, a, a, b }; return (s.x - 1 < 0) + (s.y - 1 < 0) * 10 + (s.z - 1 > 0) * 100 + (s.w < 0) * 1000 + s.w; }
// run: promotion (0, 8) = 1093; (5, 7) = 107
long in_union(long a, long b) { union { u32 whole; struct { u32 lo : 12, mid : 8, hi : 12; }; } u = { .whole = a }; u.mid = b; return u.whole + u.lo + u.hi; }
// run: in_union (305419896, 255) = 306183699; (0, 1) = 4096
long whole_copy(long a, long b) { struct flags f = { .a = a, .h = b }, g = f; g.b = 1; f = g; return f.a + f.b + f.h; }
// run: whole_copy (3, 99) = 103
long inits(long a, long b) { struct flags f = { 1, 2, 3, 4, 5, 1, 7, 8, 9 }; return f.a + f.b + f.c + f.d + f.e + f.f + f.g + f.h + f.i; }
// run: inits (0, 0) = 40
static struct flags global = { .a = 5, .c = 70000, .d = -3, .i = 99 };
static const struct tight constant = { 7, 1000000, 4000, 0x1234567890, -5 };
long static_data(long a, long b) { global.b = a; return global.a + global.b + global.c + global.d + global.i + constant.k + constant.a + constant.b + constant.c + constant.d; }
// run: static_data (3, 0) = 78188567626
long volatile_ones(long a, long b) { volatile struct { u8 x : 3, y : 5; } v; v.x = a; v.y = b; v.x ^= 1; return v.x * 100 + v.y; }
// run: volatile_ones (5, 31) = 431
