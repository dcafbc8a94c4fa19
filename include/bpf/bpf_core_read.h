/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_BPF_BPF_CORE_READ_H
#define __BPFCC_BPF_BPF_CORE_READ_H

/*
 * Reading kernel memory by member names: the offsets are relocated at load to those of the running
 * kernel (CO-RE). Source of the numbers: kernel Documentation/bpf/llvm_reloc.rst.
 */
#include <bpf/bpf_helpers.h>

enum bpf_field_info_kind {
	BPF_FIELD_BYTE_OFFSET = 0,
	BPF_FIELD_BYTE_SIZE = 1,
	BPF_FIELD_EXISTS = 2,
	BPF_FIELD_SIGNED = 3,
	BPF_FIELD_LSHIFT_U64 = 4,
	BPF_FIELD_RSHIFT_U64 = 5,
};

enum bpf_type_id_kind {
	BPF_TYPE_ID_LOCAL = 0,
	BPF_TYPE_ID_TARGET = 1,
};

enum bpf_type_info_kind {
	BPF_TYPE_EXISTS = 0,
	BPF_TYPE_SIZE = 1,
	BPF_TYPE_MATCHES = 2,
};

enum bpf_enum_value_kind {
	BPF_ENUMVAL_EXISTS = 0,
	BPF_ENUMVAL_VALUE = 1,
};

#define __CORE_RELO(src, field, info) __builtin_preserve_field_info((src)->field, BPF_FIELD_##info)

#define ___bpf_nth_field(_, _1, _2, N, ...) N
#define ___bpf_field1(field) (field)
#define ___bpf_field2(type, field) (((typeof(type) *)0)->field)
#define ___bpf_field(args...) \
	___bpf_nth_field(_, ##args, ___bpf_field2, ___bpf_field1)(args)

#define bpf_core_field_exists(field...) \
	__builtin_preserve_field_info(___bpf_field(field), BPF_FIELD_EXISTS)
#define bpf_core_field_size(field...) \
	__builtin_preserve_field_info(___bpf_field(field), BPF_FIELD_BYTE_SIZE)
#define bpf_core_field_offset(field...) \
	__builtin_preserve_field_info(___bpf_field(field), BPF_FIELD_BYTE_OFFSET)

#define bpf_core_type_id_local(type) __builtin_btf_type_id(*(typeof(type) *)0, BPF_TYPE_ID_LOCAL)
#define bpf_core_type_id_kernel(type) __builtin_btf_type_id(*(typeof(type) *)0, BPF_TYPE_ID_TARGET)
#define bpf_core_type_exists(type) __builtin_preserve_type_info(*(typeof(type) *)0, BPF_TYPE_EXISTS)
#define bpf_core_type_matches(type) __builtin_preserve_type_info(*(typeof(type) *)0, BPF_TYPE_MATCHES)
#define bpf_core_type_size(type) __builtin_preserve_type_info(*(typeof(type) *)0, BPF_TYPE_SIZE)
#define bpf_core_enum_value_exists(type, value) \
	__builtin_preserve_enum_value(*(typeof(type) *)value, BPF_ENUMVAL_EXISTS)
#define bpf_core_enum_value(type, value) \
	__builtin_preserve_enum_value(*(typeof(type) *)value, BPF_ENUMVAL_VALUE)

#define bpf_core_cast(ptr, type) \
	((typeof(type) *)bpf_rdonly_cast((ptr), bpf_core_type_id_kernel(type)))
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

#define bpf_core_read(dst, size, src) \
	bpf_probe_read_kernel(dst, size, (const void *)__builtin_preserve_access_index(src))
#define bpf_core_read_str(dst, size, src) \
	bpf_probe_read_kernel_str(dst, size, (const void *)__builtin_preserve_access_index(src))
#define bpf_core_read_user(dst, size, src) \
	bpf_probe_read_user(dst, size, (const void *)__builtin_preserve_access_index(src))
#define bpf_core_read_user_str(dst, size, src) \
	bpf_probe_read_user_str(dst, size, (const void *)__builtin_preserve_access_index(src))

/* A bit-field is read whole and shifted into place. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define __CORE_BITFIELD_PROBE_READ(dst, src, field) \
	bpf_probe_read_kernel((void *)dst, __CORE_RELO(src, field, BYTE_SIZE), \
			      (const void *)src + __CORE_RELO(src, field, BYTE_OFFSET))
#else
#define __CORE_BITFIELD_PROBE_READ(dst, src, field) \
	bpf_probe_read_kernel((void *)dst + (8 - __CORE_RELO(src, field, BYTE_SIZE)), \
			      __CORE_RELO(src, field, BYTE_SIZE), \
			      (const void *)src + __CORE_RELO(src, field, BYTE_OFFSET))
#endif

#define ___bpf_shift_field(val, src, field) ({ \
	(val) <<= __CORE_RELO(src, field, LSHIFT_U64); \
	if (__CORE_RELO(src, field, SIGNED)) \
		(val) = ((long long)(val)) >> __CORE_RELO(src, field, RSHIFT_U64); \
	else \
		(val) = (val) >> __CORE_RELO(src, field, RSHIFT_U64); \
	(val); \
})

#define BPF_CORE_READ_BITFIELD_PROBED(src, field) ({ \
	unsigned long long ___value = 0; \
	__CORE_BITFIELD_PROBE_READ(&___value, src, field); \
	___bpf_shift_field(___value, src, field); \
})

#define BPF_CORE_READ_BITFIELD(src, field) ({ \
	const void *___place = (const void *)src + __CORE_RELO(src, field, BYTE_OFFSET); \
	unsigned long long ___value; \
	asm volatile("" : "=r"(___place) : "0"(___place)); \
	switch (__CORE_RELO(src, field, BYTE_SIZE)) { \
	case 1: ___value = *(const unsigned char *)___place; break; \
	case 2: ___value = *(const unsigned short *)___place; break; \
	case 4: ___value = *(const unsigned int *)___place; break; \
	case 8: ___value = *(const unsigned long long *)___place; break; \
	} \
	___bpf_shift_field(___value, src, field); \
})

#define ___bpf_count(_, _1, _2, _3, _4, _5, _6, _7, _8, _9, N, ...) N
#define ___bpf_steps(...) ___bpf_count(_, ##__VA_ARGS__, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define ___bpf_glue(a, b) a##b
#define ___bpf_pick(a, b) ___bpf_glue(a, b)
#define ___arrow1(a) a
#define ___arrow2(a, b) a->b
#define ___arrow3(a, b, c) a->b->c
#define ___arrow4(a, b, c, d) a->b->c->d
#define ___arrow5(a, b, c, d, e) a->b->c->d->e
#define ___arrow6(a, b, c, d, e, f) a->b->c->d->e->f
#define ___arrow7(a, b, c, d, e, f, g) a->b->c->d->e->f->g
#define ___arrow8(a, b, c, d, e, f, g, h) a->b->c->d->e->f->g->h
#define ___arrow9(a, b, c, d, e, f, g, h, i) a->b->c->d->e->f->g->h->i
#define ___arrow10(a, b, c, d, e, f, g, h, i, j) a->b->c->d->e->f->g->h->i->j

#define ___bpf_read1(fn, fn_ptr, dst, src, a) fn(dst, src, a)
#define ___bpf_read2(fn, fn_ptr, dst, src, a, b) ({ \
	const void *__p; \
	fn_ptr(&__p, (src), a); \
	fn(dst, ((typeof((src)->a))__p), b); \
})
#define ___bpf_read3(fn, fn_ptr, dst, src, a, b, c) ({ \
	const void *__p; \
	fn_ptr(&__p, (src), a); \
	fn_ptr(&__p, ((typeof((src)->a))__p), b); \
	fn(dst, ((typeof((src)->a->b))__p), c); \
})
#define ___bpf_read4(fn, fn_ptr, dst, src, a, b, c, d) ({ \
	const void *__p; \
	fn_ptr(&__p, (src), a); \
	fn_ptr(&__p, ((typeof((src)->a))__p), b); \
	fn_ptr(&__p, ((typeof((src)->a->b))__p), c); \
	fn(dst, ((typeof((src)->a->b->c))__p), d); \
})
#define ___bpf_read5(fn, fn_ptr, dst, src, a, b, c, d, e) ({ \
	const void *__p; \
	fn_ptr(&__p, (src), a); \
	fn_ptr(&__p, ((typeof((src)->a))__p), b); \
	fn_ptr(&__p, ((typeof((src)->a->b))__p), c); \
	fn_ptr(&__p, ((typeof((src)->a->b->c))__p), d); \
	fn(dst, ((typeof((src)->a->b->c->d))__p), e); \
})
#define ___bpf_read6(fn, fn_ptr, dst, src, a, b, c, d, e, f) ({ \
	const void *__p; \
	fn_ptr(&__p, (src), a); \
	fn_ptr(&__p, ((typeof((src)->a))__p), b); \
	fn_ptr(&__p, ((typeof((src)->a->b))__p), c); \
	fn_ptr(&__p, ((typeof((src)->a->b->c))__p), d); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d))__p), e); \
	fn(dst, ((typeof((src)->a->b->c->d->e))__p), f); \
})
#define ___bpf_read7(fn, fn_ptr, dst, src, a, b, c, d, e, f, g) ({ \
	const void *__p; \
	fn_ptr(&__p, (src), a); \
	fn_ptr(&__p, ((typeof((src)->a))__p), b); \
	fn_ptr(&__p, ((typeof((src)->a->b))__p), c); \
	fn_ptr(&__p, ((typeof((src)->a->b->c))__p), d); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d))__p), e); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d->e))__p), f); \
	fn(dst, ((typeof((src)->a->b->c->d->e->f))__p), g); \
})
#define ___bpf_read8(fn, fn_ptr, dst, src, a, b, c, d, e, f, g, h) ({ \
	const void *__p; \
	fn_ptr(&__p, (src), a); \
	fn_ptr(&__p, ((typeof((src)->a))__p), b); \
	fn_ptr(&__p, ((typeof((src)->a->b))__p), c); \
	fn_ptr(&__p, ((typeof((src)->a->b->c))__p), d); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d))__p), e); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d->e))__p), f); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d->e->f))__p), g); \
	fn(dst, ((typeof((src)->a->b->c->d->e->f->g))__p), h); \
})
#define ___bpf_read9(fn, fn_ptr, dst, src, a, b, c, d, e, f, g, h, i) ({ \
	const void *__p; \
	fn_ptr(&__p, (src), a); \
	fn_ptr(&__p, ((typeof((src)->a))__p), b); \
	fn_ptr(&__p, ((typeof((src)->a->b))__p), c); \
	fn_ptr(&__p, ((typeof((src)->a->b->c))__p), d); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d))__p), e); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d->e))__p), f); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d->e->f))__p), g); \
	fn_ptr(&__p, ((typeof((src)->a->b->c->d->e->f->g))__p), h); \
	fn(dst, ((typeof((src)->a->b->c->d->e->f->g->h))__p), i); \
})

#define ___get_core(dst, src, field) bpf_probe_read_kernel((void *)(dst), sizeof(*(dst)), (const void *)__builtin_preserve_access_index(&(src)->field))
#define ___ptr_core(dst, src, field) bpf_probe_read_kernel((void *)(dst), sizeof(*(dst)), (const void *)__builtin_preserve_access_index(&(src)->field))
#define ___str_core(dst, src, field) bpf_probe_read_kernel_str((void *)(dst), sizeof(*(dst)), (const void *)__builtin_preserve_access_index(&(src)->field))

#define ___get_core_user(dst, src, field) bpf_probe_read_user((void *)(dst), sizeof(*(dst)), (const void *)__builtin_preserve_access_index(&(src)->field))
#define ___ptr_core_user(dst, src, field) bpf_probe_read_user((void *)(dst), sizeof(*(dst)), (const void *)__builtin_preserve_access_index(&(src)->field))
#define ___str_core_user(dst, src, field) bpf_probe_read_user_str((void *)(dst), sizeof(*(dst)), (const void *)__builtin_preserve_access_index(&(src)->field))

#define ___get_probe(dst, src, field) bpf_probe_read_kernel((void *)(dst), sizeof(*(dst)), (const void *)&(src)->field)
#define ___ptr_probe(dst, src, field) bpf_probe_read_kernel((void *)(dst), sizeof(*(dst)), (const void *)&(src)->field)
#define ___str_probe(dst, src, field) bpf_probe_read_kernel_str((void *)(dst), sizeof(*(dst)), (const void *)&(src)->field)

#define ___get_probe_user(dst, src, field) bpf_probe_read_user((void *)(dst), sizeof(*(dst)), (const void *)&(src)->field)
#define ___ptr_probe_user(dst, src, field) bpf_probe_read_user((void *)(dst), sizeof(*(dst)), (const void *)&(src)->field)
#define ___str_probe_user(dst, src, field) bpf_probe_read_user_str((void *)(dst), sizeof(*(dst)), (const void *)&(src)->field)

#define ___bpf_read_into(fn, fn_ptr, dst, src, a, ...) \
	___bpf_pick(___bpf_read, ___bpf_steps(a, ##__VA_ARGS__))(fn, fn_ptr, dst, src, a, ##__VA_ARGS__)
#define ___bpf_path(src, a, ...) \
	___bpf_pick(___arrow, ___bpf_pick(___bpf_plus, ___bpf_steps(a, ##__VA_ARGS__)))((src), a, ##__VA_ARGS__)
#define ___bpf_plus1 2
#define ___bpf_plus2 3
#define ___bpf_plus3 4
#define ___bpf_plus4 5
#define ___bpf_plus5 6
#define ___bpf_plus6 7
#define ___bpf_plus7 8
#define ___bpf_plus8 9
#define ___bpf_plus9 10
#define ___bpf_value(fn, fn_ptr, src, a, ...) ({ \
	__typeof_unqual__(___bpf_path(src, a, ##__VA_ARGS__)) __r; \
	___bpf_read_into(fn, fn_ptr, &__r, src, a, ##__VA_ARGS__); \
	__r; \
})

#define BPF_CORE_READ_INTO(dst, src, a, ...) \
	({ ___bpf_read_into(___get_core, ___ptr_core, dst, src, a, ##__VA_ARGS__); })
#define BPF_CORE_READ_USER_INTO(dst, src, a, ...) \
	({ ___bpf_read_into(___get_core_user, ___ptr_core_user, dst, src, a, ##__VA_ARGS__); })
#define BPF_PROBE_READ_INTO(dst, src, a, ...) \
	({ ___bpf_read_into(___get_probe, ___ptr_probe, dst, src, a, ##__VA_ARGS__); })
#define BPF_PROBE_READ_USER_INTO(dst, src, a, ...) \
	({ ___bpf_read_into(___get_probe_user, ___ptr_probe_user, dst, src, a, ##__VA_ARGS__); })
#define BPF_CORE_READ_STR_INTO(dst, src, a, ...) \
	({ ___bpf_read_into(___str_core, ___ptr_core, dst, src, a, ##__VA_ARGS__); })
#define BPF_CORE_READ_USER_STR_INTO(dst, src, a, ...) \
	({ ___bpf_read_into(___str_core_user, ___ptr_core_user, dst, src, a, ##__VA_ARGS__); })
#define BPF_PROBE_READ_STR_INTO(dst, src, a, ...) \
	({ ___bpf_read_into(___str_probe, ___ptr_probe, dst, src, a, ##__VA_ARGS__); })
#define BPF_PROBE_READ_USER_STR_INTO(dst, src, a, ...) \
	({ ___bpf_read_into(___str_probe_user, ___ptr_probe_user, dst, src, a, ##__VA_ARGS__); })

#define BPF_CORE_READ(src, a, ...) ___bpf_value(___get_core, ___ptr_core, src, a, ##__VA_ARGS__)
#define BPF_CORE_READ_USER(src, a, ...) \
	___bpf_value(___get_core_user, ___ptr_core_user, src, a, ##__VA_ARGS__)
#define BPF_PROBE_READ(src, a, ...) ___bpf_value(___get_probe, ___ptr_probe, src, a, ##__VA_ARGS__)
#define BPF_PROBE_READ_USER(src, a, ...) \
	___bpf_value(___get_probe_user, ___ptr_probe_user, src, a, ##__VA_ARGS__)

#endif
