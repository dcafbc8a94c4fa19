/* Kernel functions of syscall programs: results one after another into ``res``. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct result {
	__u64 n;
	__s64 v[200];
	char text[64];
};

struct result res;

#define PUT(x) do { __s64 _x = (__s64)(x); __u32 _n = res.n; \
	if (_n < 200) { res.v[_n] = _x; res.n = _n + 1; } } while (0)

struct cpumask;
struct task_struct;
struct bpf_cpumask {
	__u64 bits[128];
	__u32 usage;
} __attribute__((preserve_access_index));
struct bpf_iter_bits {
	__u64 opaque[2];
} __attribute__((aligned(8)));
struct args {
	__u64 words[8];
};

extern struct bpf_cpumask *bpf_cpumask_create(void) __ksym;
extern void bpf_cpumask_release(struct bpf_cpumask *m) __ksym;
extern __u32 bpf_cpumask_first(const struct cpumask *m) __ksym;
extern __u32 bpf_cpumask_first_zero(const struct cpumask *m) __ksym;
extern __u32 bpf_cpumask_first_and(const struct cpumask *a, const struct cpumask *b) __ksym;
extern void bpf_cpumask_set_cpu(__u32 cpu, struct bpf_cpumask *m) __ksym;
extern void bpf_cpumask_clear_cpu(__u32 cpu, struct bpf_cpumask *m) __ksym;
extern _Bool bpf_cpumask_test_cpu(__u32 cpu, const struct cpumask *m) __ksym;
extern _Bool bpf_cpumask_test_and_set_cpu(__u32 cpu, struct bpf_cpumask *m) __ksym;
extern _Bool bpf_cpumask_test_and_clear_cpu(__u32 cpu, struct bpf_cpumask *m) __ksym;
extern void bpf_cpumask_setall(struct bpf_cpumask *m) __ksym;
extern void bpf_cpumask_clear(struct bpf_cpumask *m) __ksym;
extern _Bool bpf_cpumask_and(struct bpf_cpumask *to, const struct cpumask *a,
			     const struct cpumask *b) __ksym;
extern void bpf_cpumask_or(struct bpf_cpumask *to, const struct cpumask *a,
			   const struct cpumask *b) __ksym;
extern void bpf_cpumask_xor(struct bpf_cpumask *to, const struct cpumask *a,
			    const struct cpumask *b) __ksym;
extern _Bool bpf_cpumask_equal(const struct cpumask *a, const struct cpumask *b) __ksym;
extern _Bool bpf_cpumask_intersects(const struct cpumask *a, const struct cpumask *b) __ksym;
extern _Bool bpf_cpumask_subset(const struct cpumask *a, const struct cpumask *b) __ksym;
extern _Bool bpf_cpumask_empty(const struct cpumask *m) __ksym;
extern _Bool bpf_cpumask_full(const struct cpumask *m) __ksym;
extern void bpf_cpumask_copy(struct bpf_cpumask *to, const struct cpumask *m) __ksym;
extern __u32 bpf_cpumask_weight(const struct cpumask *m) __ksym;
extern int bpf_iter_bits_new(struct bpf_iter_bits *it, const __u64 *words, __u32 count) __ksym;
extern int *bpf_iter_bits_next(struct bpf_iter_bits *it) __ksym;
extern void bpf_iter_bits_destroy(struct bpf_iter_bits *it) __ksym;
extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

#define M(m) ((const struct cpumask *)(m))

SEC("syscall")
int masks(struct args *args)
{
	struct bpf_cpumask *a = bpf_cpumask_create(), *b = bpf_cpumask_create();

	if (!a || !b) {
		if (a)
			bpf_cpumask_release(a);
		if (b)
			bpf_cpumask_release(b);
		return 1;
	}
	PUT(bpf_cpumask_empty(M(a)));
	PUT(bpf_cpumask_first(M(a)) >= 2);
	PUT(bpf_cpumask_first_zero(M(a)));
	bpf_cpumask_set_cpu(1, a);
	bpf_cpumask_set_cpu(100000, a);
	PUT(bpf_cpumask_first(M(a)));
	PUT(bpf_cpumask_weight(M(a)));
	PUT(bpf_cpumask_test_cpu(1, M(a)));
	PUT(bpf_cpumask_test_cpu(0, M(a)));
	PUT(bpf_cpumask_test_cpu(100000, M(a)));
	PUT(bpf_cpumask_test_and_set_cpu(0, a));
	PUT(bpf_cpumask_test_and_set_cpu(0, a));
	PUT(bpf_cpumask_test_and_clear_cpu(0, a));
	PUT(bpf_cpumask_test_and_clear_cpu(0, a));
	PUT(bpf_cpumask_test_and_set_cpu(100000, a));
	bpf_cpumask_setall(b);
	PUT(bpf_cpumask_full(M(b)));
	PUT(bpf_cpumask_equal(M(a), M(b)));
	PUT(bpf_cpumask_subset(M(a), M(b)));
	PUT(bpf_cpumask_subset(M(b), M(a)));
	PUT(bpf_cpumask_intersects(M(a), M(b)));
	PUT(bpf_cpumask_first_and(M(a), M(b)));
	PUT(bpf_cpumask_and(b, M(a), M(b)));
	PUT(bpf_cpumask_equal(M(a), M(b)));
	bpf_cpumask_xor(b, M(a), M(b));
	PUT(bpf_cpumask_empty(M(b)));
	PUT(bpf_cpumask_and(b, M(a), M(b)));
	bpf_cpumask_or(b, M(a), M(b));
	PUT(bpf_cpumask_weight(M(b)));
	bpf_cpumask_clear(b);
	PUT(bpf_cpumask_weight(M(b)));
	bpf_cpumask_copy(b, M(a));
	bpf_cpumask_clear_cpu(1, b);
	PUT(bpf_cpumask_weight(M(b)));
	bpf_cpumask_release(a);
	bpf_cpumask_release(b);
	return 0;
}

SEC("syscall")
int bits(struct args *args)
{
	__u64 words[2] = { 0x8000000000000005ULL, 2 };
	struct bpf_iter_bits it;
	int *bit;

	PUT(bpf_iter_bits_new(&it, words, 2));
	while ((bit = bpf_iter_bits_next(&it)))
		PUT(*bit);
	bpf_iter_bits_destroy(&it);
	PUT(bpf_iter_bits_new(&it, words, 1));
	while ((bit = bpf_iter_bits_next(&it)))
		PUT(*bit);
	bpf_iter_bits_destroy(&it);
	words[0] = 0;
	PUT(bpf_iter_bits_new(&it, words, 1));
	while ((bit = bpf_iter_bits_next(&it)))
		PUT(*bit);
	bpf_iter_bits_destroy(&it);
	PUT(bpf_iter_bits_new(&it, words, 0));
	while ((bit = bpf_iter_bits_next(&it)))
		PUT(*bit);
	bpf_iter_bits_destroy(&it);
	return 0;
}

SEC("syscall")
int tasks(struct args *args)
{
	struct task_struct *p = bpf_task_from_pid(-5);

	PUT(!!p);
	if (p)
		bpf_task_release(p);
	p = bpf_task_from_pid(0x7ffffff);
	PUT(!!p);
	if (p)
		bpf_task_release(p);
	p = bpf_task_from_pid((__u32)bpf_get_current_pid_tgid());
	PUT(!!p);
	if (p)
		bpf_task_release(p);
	bpf_rcu_read_lock();
	PUT(7);
	bpf_rcu_read_unlock();
	return 0;
}

char _license[] SEC("license") = "GPL";
