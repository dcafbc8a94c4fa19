// Atomic builtins.
static u64 x; static u32 y;
long sync_ops(long a, long b) { x = a; y = b; long r = __sync_fetch_and_add(&x, 5); r += __sync_add_and_fetch(&x, b) * 3; r += __sync_fetch_and_sub(&y, 2) * 5; r += __sync_sub_and_fetch(&y, 1) * 7; r += __sync_fetch_and_or(&x, 0x100); r += __sync_or_and_fetch(&y, 8); r += __sync_fetch_and_and(&x, ~1ul); r += __sync_xor_and_fetch(&y, 0xff); r += __sync_and_and_fetch(&x, 0xffff); r += __sync_fetch_and_xor(&x, 3); return r * 31 + x * 7 + y; }
// run: sync_ops (10, 20) = 48598; (-1, -1) = 536870928922; (0, 0) = 403726943624
long exchange(long a, long b) { x = a; y = b; long r = __sync_lock_test_and_set(&x, 7); r += __sync_val_compare_and_swap(&x, 7, 8) * 10; r += __sync_val_compare_and_swap(&x, 7, 9) * 100; r += __sync_bool_compare_and_swap(&y, b, 3) * 1000; r += __sync_bool_compare_and_swap(&y, 9, 4) * 10000; return r + x + y; }
// run: exchange (5, 6) = 1886; (0, 0) = 1881
long builtin_atomics(long a, long b) { x = a; y = b; u32 want = b; u64 w2 = 99; long r = __atomic_fetch_add(&x, 3, 5) + __atomic_add_fetch(&y, 4, 0) * 3; y = b; r += __atomic_compare_exchange_n(&y, &want, 11, 0, 5, 5) * 100; r += __atomic_compare_exchange_n(&x, &w2, 12, 0, 5, 5) * 1000; r += __atomic_exchange_n(&y, 2, 5); __atomic_store_n(&y, 30, 0); return r + __atomic_load_n(&y, 0) + x + want + w2; }
// run: builtin_atomics (1, 2) = 170; (99, 7) = 484
long unused_results(long a, long b) { x = a; __sync_fetch_and_add(&x, b); (void)__sync_fetch_and_or(&x, 1); __sync_fetch_and_sub(&x, 3); return x; }
// run: unused_results (4, 5) = 6
