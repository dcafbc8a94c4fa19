/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_BYTESWAP_H
#define __BPFCC_BYTESWAP_H

#define bswap_16(v) __builtin_bswap16(v)
#define bswap_32(v) __builtin_bswap32(v)
#define bswap_64(v) __builtin_bswap64(v)

#endif
