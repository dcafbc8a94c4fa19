// Statements (C17 6.8) and GNU's additions to them.
long loops(long a, long b) { long n = 0; for (int i = 0; i < (a & 15); i++) { if (i == 3) continue; if (i == 9) break; n += i; } int j = b & 7; while (j--) n += 100; do { n += 1000; } while (n < 3000); return n; }
// run: loops (20, 5) = 3503; (2, 0) = 3001; (12, 7) = 3733
long switches(long a, long b) {
	long n = 0;
	switch (a) {
	case 1: n += 1;
	case 2: n += 2; break;
	case 10 ... 20: n += 3; break;
	case -5: { n = 50; break; }
	case 1000 ... 100000: n = 7; break;
	default: n = 9;
	case 77: n++;
	}
	switch ((u8)b) { case 200: n += 1000; break; case 255: n += 2000; }
	return n;
}
// run: switches (1, 200) = 1003; (2, 0) = 2; (15, 255) = 2003; (-5, 456) = 1050; (1000, 1) = 7; (100000, 1) = 7; (100001, 1) = 10; (77, 0) = 1; (500, 9) = 10
long switch_u32(long a, long b) { switch ((u32)a) { case 0xffffffff: return 1; case 0x80000000: return 2; case 3: return 4; } return 0; }
// run: switch_u32 (-1, 0) = 1; (2147483648, 0) = 2; (3, 0) = 4; (4, 0) = 0
long switch_long(long a, long b) { switch (a) { case 0x100000000: return 1; case -1: return 2; case 0 ... 9: return 3; case 0x7fffffffffffffff: return 4; } return 5; }
// run: switch_long (4294967296, 0) = 1; (-1, 0) = 2; (5, 0) = 3; (9223372036854775807, 0) = 4; (77, 0) = 5
long gotos(long a, long b) { long n = 0; again: n++; if (n < (a & 7)) goto again; if (b) goto out; n += 100; out: return n; }
// run: gotos (5, 0) = 105; (5, 1) = 5; (0, 0) = 101
long duff(long a, long b) { long n = 0; int c = a & 7; switch (c & 3) { case 0: do { n += 1; case 3: n += 10; case 2: n += 100; case 1: n += 1000; } while ((c -= 4) > 0); } return n; }
// run: duff (1, 0) = 1000; (5, 0) = 2111; (7, 0) = 2221; (4, 0) = 1111
long statement_expr(long a, long b) { long x = ({ long t = a; if (b) t *= b; t + 1; }); return x + ({ int y = 5; ({ y * 2; }); }); }
// run: statement_expr (3, 4) = 23; (3, 0) = 14
long local_labels(long a, long b) {
#define FIND(x) ({ __label__ out; long r = 0; for (int i = 0; i < 8; i++) { r = i; if (i * i >= (x)) goto out; } r = -1; out: r; })
	return FIND(a) * 100 + FIND(b);
}
// run: local_labels (10, 40) = 407; (0, 1000) = -1
long labels_at_end(long a, long b) { if (a) goto end; b++; goto done; end: b += 10; done:; int x = 3; return b + x; }
// run: labels_at_end (0, 1) = 5; (1, 1) = 14
long nested(long a, long b) { long n = 0; for (int i = 0; i < 4; i++) for (int j = 0; j < 4; j++) { if (j == i) continue; if (i * j == a) goto found; n += j; } return n; found: return -n; }
// run: nested (6, 0) = -12; (2, 0) = -6; (100, 0) = 18
long decl_in_switch(long a, long b) { switch (a & 1) { long t; case 0: t = b; return t + 1; default: t = b * 2; return t; } }
// run: decl_in_switch (0, 5) = 6; (1, 5) = 10
long shadow(long a, long b) { long x = a; { long x = b; x++; { long x = 100; b += x; } a += x; } for (int x = 0; x < 2; x++) a += x; return a + b + x; }
// run: shadow (1, 2) = 108
long fresh_each_turn(long a, long b) { long n = 0; for (int i = 0; i < 3; i++) { int t = i * 2; t += a; n = n * 10 + t; } return n; }
// run: fresh_each_turn (1, 0) = 135
long while_complex(long a, long b) { u32 n = a; int c = 0; while (n && c < 40) { n = n & 1 ? n * 3 + 1 : n / 2; c++; if (n == 1) break; } return c; }
// run: while_complex (7, 0) = 16; (27, 0) = 40; (0, 0) = 0
long early(long a, long b) { for (int i = 0; i < 10; i++) { if (i == a) return i * 10; switch (i) { case 5: if (b) return 55; continue; case 6: break; } } return -1; }
// run: early (3, 0) = 30; (7, 1) = 55; (20, 0) = -1
long dangling(long a, long b) { if (a) if (b) return 1; else return 2; return 3; }
// run: dangling (0, 0) = 3; (1, 0) = 2; (1, 1) = 1
long conditional_void(long a, long b) { long n = 0; a ? (void)(n = 5) : (void)(n = 6); b ? (void)n++ : (void)0; return n; }
// run: conditional_void (0, 0) = 6; (1, 1) = 6
long break_in_value(long a, long b) { long n = 0; for (int i = 0; i < 9; i++) { n += ({ if (i == a) break; if (i == b) continue; i * 10; }); } return n; }
// run: break_in_value (5, 2) = 80; (0, 0) = 0; (9, 9) = 360
long turn_round(long a, long b) {
	long x = a, y = b, z = a ^ b;
	for (int i = 0; i < (a & 15); i++) { long t = x; x = y; y = z; z = t + i; }
	return x * 10007 + y * 101 + z;
}
// run: turn_round (5, 9) = 140920; (15, -3) = 453573; (0, 4) = 408
