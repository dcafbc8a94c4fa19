// Structs, unions, arrays, pointers, initialisers.
struct point { int x, y; };
struct mixed { u8 a; u16 b; u32 c; u64 d; u8 e[3]; struct point p; };
struct packed { u8 a; u32 b; u16 c; } __attribute__((packed));
union both { u64 whole; struct { u32 low, high; }; u8 bytes[8]; };
long layout(long a, long b) { return sizeof(struct mixed) + __builtin_offsetof(struct mixed, e[1]) * 100 + __builtin_offsetof(struct mixed, p.y) * 10000 + sizeof(struct packed) * 1000000 + __builtin_offsetof(struct packed, c) * 100000000L; }
// run: layout (0, 0) = 507241732
long assign(long a, long b) { struct mixed m = { .c = a, .p = { 1, 2 }, .e = { 7, [2] = 9 } }, n; n = m; n.p.x += b; m.p = n.p; return m.a + m.b + n.c + n.d + n.e[0] * 10 + n.e[1] + n.e[2] * 100 + m.p.x * 1000 + n.p.y; }
// run: assign (5, 6) = 7977
long packed_fields(long a, long b) { struct packed p = { 1, a, b }; p.b += p.c; p.c ^= p.a; u8 *q = (u8 *)&p; return p.b + p.c + q[0] + q[1] + q[5]; }
// run: packed_fields (1000, 70000) = 10131; (-1, 5) = 17
long unions(long a, long b) { union both u = { .whole = a }; u.bytes[2] = b; u.high ^= 0xff; return u.whole + u.low; }
// run: unions (81985529216486895, 85) = 81985741968350174; (0, 0) = 1095216660480
long arrays(long a, long b) { int t[4][3] = { { 1, 2, 3 }, { 4 }, [3] = { [1] = 8 } }; int s = 0; for (int i = 0; i < 4; i++) for (int j = 0; j < 3; j++) s = s * 3 + t[i][j]; return s + t[a & 3][b & 1] + (&t[1][0])[1] + *(*(t + 3) + 1); }
// run: arrays (1, 0) = 380574; (3, 1) = 380578
long ranges(long a, long b) { u16 t[10] = { [0 ... 4] = 7, [5] = 1, 2, [3] = 9 }; long s = 0; for (int i = 0; i < 10; i++) s = s * 11 + t[i]; return s; }
// run: ranges (0, 0) = 18159644910
long pointers(long a, long b) { int t[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }; int *p = t + 2, *q = &t[7]; p++; q -= 2; *p++ = 40; --q; return *p + *q * 10 + (q - p) * 100 + (p < q) + (p == q) * 1000 + *(t + 3) + 2[t] + p[-1]; }
// run: pointers (0, 0) = 1138
long pointer_diff(long a, long b) { struct mixed m[4]; struct mixed *p = &m[a & 3], *q = m + 1; return (p - q) * 10 + ((char *)p - (char *)q); }
// run: pointer_diff (3, 0) = 84; (0, 0) = -42
long member_pointers(long a, long b) { struct mixed m = { 0 }; struct mixed *p = &m; p->d = a; u64 *q = &p->d; *q += b; (*p).p.y = 3; struct point *r = &p->p; r->x = r->y + 1; return m.d + m.p.x * 100; }
// run: member_pointers (5, 6) = 411
long double_pointer(long a, long b) { int x = a, y = b; int *p = &x, **pp = &p; **pp += 1; *pp = &y; **pp += 2; return x * 100 + y; }
// run: double_pointer (1, 2) = 204
long container(long a, long b) { struct mixed m = { .d = 77 }; struct point *p = &m.p; struct mixed *q = (struct mixed *)((char *)p - __builtin_offsetof(struct mixed, p)); return q->d + (&m == q); }
// run: container (0, 0) = 78
long compound_literals(long a, long b) { struct point *p = &(struct point){ a, b }; int *t = (int[]){ 1, 2, a }; struct point q = (struct point){ .y = 9 }; return p->x + p->y * 10 + t[2] * 100 + q.x + q.y; }
// run: compound_literals (3, 4) = 352
static struct point make(int x, int y) { struct point p = { x, y }; return p; }
static struct mixed big(int x) { return (struct mixed){ .c = x, .p = make(x, 2 * x) }; }
static int take(struct mixed m, struct point p) { m.c += p.x; p.y = 0; return m.c + m.p.y; }
long by_value(long a, long b) { struct point p = make(a, b); struct mixed m = big(p.x); int r = take(m, p); return r * 100 + m.c + p.y + make(3, 4).y + big(5).p.y; }
// run: by_value (3, 4) = 1221
long chosen(long a, long b) { struct point p = { 1, 2 }, q = { 3, 4 }; struct point r = a ? p : q; r = b ? make(9, 9) : r; return r.x * 10 + r.y + (a ? q : p).y; }
// run: chosen (0, 0) = 36; (1, 0) = 16; (0, 1) = 101
long nested_init(long a, long b) { struct { int n; struct { struct point p[2]; int k; } in; int last; } v = { 1, { { { 2, 3 }, 4, 5 }, 6 }, .in.p[0].y = a, .last = b }; return v.n + v.in.p[0].x * 10 + v.in.p[0].y * 100 + v.in.p[1].x * 1000 + v.in.p[1].y * 10000 + v.in.k * 100000 + v.last; }
// run: nested_init (7, 8) = 654729
long zeroed(long a, long b) { struct mixed m = {}; struct mixed n = { 0 }; u8 *p = (u8 *)&m, *q = (u8 *)&n; long s = 0; for (unsigned i = 0; i < sizeof m; i++) s += p[i] + q[i]; return s; }
// run: zeroed (0, 0) = 0
long strings(long a, long b) { char s[] = "hello"; char t[8] = "ab"; char u[2] = "xy"; const char *p = "wor" "ld\n"; s[a & 3] = 'J'; return s[0] + s[4] * 2 + sizeof s * 1000 + t[1] + t[7] + u[1] + p[b & 3] * 3 + p[5]; }
// run: strings (0, 0) = 6882; (2, 3) = 6879
long wide_strings(long a, long b) { int w[] = L"a\u00e9"; u16 v[4] = u"z"; return w[0] + w[1] * 1000 + sizeof w + v[0] + v[1]; }
// run: wide_strings (0, 0) = 233231
long flexible(long a, long b) { struct { int n; int t[0]; } *p; char buffer[24] = {}; p = (void *)buffer; p->n = 3; p->t[2] = a; return p->t[2] + sizeof *p + p->t[1]; }
// run: flexible (9, 0) = 13
long anonymous(long a, long b) { struct { int k; union { struct { u8 lo, hi; }; u16 w; }; struct point p; } v = { .k = 1, .w = a, .p.y = 5 }; v.hi++; return v.w + v.lo + v.p.x + v.p.y + v.k; }
// run: anonymous (513, 0) = 776
typedef int row[3];
long typedefs(long a, long b) { row r = { 1, 2, a }; row *p = &r; typedef struct point pt; pt q = { (*p)[2], b }; typeof(q.x) z = q.y; __auto_type w = q; return z + w.x * 10 + sizeof(row); }
// run: typedefs (3, 4) = 46
long self_assign(long a, long b) { struct point p[2] = { { 1, 2 }, { a, b } }; p[0] = p[1]; struct point *q = p; *q = *q; return p[0].x * 10 + p[0].y; }
// run: self_assign (3, 4) = 34
long table(long a, long b) { const u8 t[64] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5, 0, 2, 8, 8, 4, 1, 9, 7, 1, 6, 9, 3, 9, 9, 3, 7, 5, 1, 0, 5, 8, 2, 0, 9, 7, 4, 9, 4, 4, 5, 9, 2 }; return t[a & 63] * 10 + t[b & 63]; }
// run: table (5, 63) = 92; (0, 1) = 31
long to_bool_pointer(long a, long b) { _Bool t[3] = { a, b, &t }; return t[0] + t[1] * 2 + t[2] * 4 + *(u8 *)t; }
// run: to_bool_pointer (256, 0) = 6; (0, 3) = 6
