/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_SWAB_H
#define __BPFCC_LINUX_SWAB_H

#include <linux/types.h>
#define __swab16(v) ((__u16)__builtin_bswap16((__u16)(v)))
#define __swab32(v) ((__u32)__builtin_bswap32((__u32)(v)))
#define __swab64(v) ((__u64)__builtin_bswap64((__u64)(v)))
#define ___constant_swab16(v) __swab16(v)
#define ___constant_swab32(v) __swab32(v)
#define ___constant_swab64(v) __swab64(v)

#endif
