/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_SWAB_H
#define __BPFCC_LINUX_SWAB_H

#include <linux/types.h>
#include <linux/stddef.h>

#define __swab16(v) ((__u16)__builtin_bswap16((__u16)(v)))
#define __swab32(v) ((__u32)__builtin_bswap32((__u32)(v)))
#define __swab64(v) ((__u64)__builtin_bswap64((__u64)(v)))
#define __fswab16(v) __swab16(v)
#define __fswab32(v) __swab32(v)
#define __fswab64(v) __swab64(v)
#define ___constant_swab16(v) __swab16(v)
#define ___constant_swab32(v) __swab32(v)
#define ___constant_swab64(v) __swab64(v)

/* The halves of a word swapped, and the bytes of each half swapped. */
#define ___constant_swahw32(v) ((__u32)(((__u32)(v) << 16) | ((__u32)(v) >> 16)))
#define ___constant_swahb32(v) \
	((__u32)((((__u32)(v) & 0x00ff00ffU) << 8) | (((__u32)(v) & 0xff00ff00U) >> 8)))
#define __swahw32(v) ___constant_swahw32(v)
#define __swahb32(v) ___constant_swahb32(v)

#define __swab16p(p) __swab16(*(p))
#define __swab32p(p) __swab32(*(p))
#define __swab64p(p) __swab64(*(p))
#define __swab16s(p) ((void)(*(p) = __swab16(*(p))))
#define __swab32s(p) ((void)(*(p) = __swab32(*(p))))
#define __swab64s(p) ((void)(*(p) = __swab64(*(p))))

#endif
