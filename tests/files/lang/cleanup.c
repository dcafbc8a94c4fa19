// Variables with a cleanup function.
static int cleaned;
static void clean(int *p) { cleaned += *p; }
long cleanups(long a, long b) { cleaned = 0; { int x __attribute__((cleanup(clean))) = 1; if (a) { int y __attribute__((cleanup(clean))) = 10; if (b == 7) return cleaned; } } for (int i = 0; i < 3; i++) { int z __attribute__((cleanup(clean))) = 100; if (i == b) break; if (i == 1) continue; } return cleaned; }
// run: cleanups (0, 5) = 301; (1, 0) = 111; (1, 7) = 0; (1, 1) = 211
long cleanup_goto(long a, long b) { cleaned = 0; for (int i = 0; i < 4; i++) { int x __attribute__((cleanup(clean))) = 1; if (i == a) goto next; { int y __attribute__((cleanup(clean))) = 10; if (i == b) goto next; if (i == 3) goto out; } cleaned += 1000; next:; cleaned += 100000; } out: return cleaned; }
// run: cleanup_goto (0, 1) = 301034; (2, 9) = 302034; (9, 9) = 303044
