/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ASM_BYTEORDER_H
#define __BPFCC_ASM_BYTEORDER_H

#include <linux/swab.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#ifndef __LITTLE_ENDIAN
#define __LITTLE_ENDIAN 1234
#endif
#define __LITTLE_ENDIAN_BITFIELD
#define __constant_htons(v) __swab16(v)
#define __constant_ntohs(v) __swab16(v)
#define __constant_htonl(v) __swab32(v)
#define __constant_ntohl(v) __swab32(v)
#define __cpu_to_be16(v) __swab16(v)
#define __cpu_to_be32(v) __swab32(v)
#define __cpu_to_be64(v) __swab64(v)
#define __be16_to_cpu(v) __swab16(v)
#define __be32_to_cpu(v) __swab32(v)
#define __be64_to_cpu(v) __swab64(v)
#define __cpu_to_le16(v) ((__u16)(v))
#define __cpu_to_le32(v) ((__u32)(v))
#define __cpu_to_le64(v) ((__u64)(v))
#define __le16_to_cpu(v) ((__u16)(v))
#define __le32_to_cpu(v) ((__u32)(v))
#define __le64_to_cpu(v) ((__u64)(v))
#else
#ifndef __BIG_ENDIAN
#define __BIG_ENDIAN 4321
#endif
#define __BIG_ENDIAN_BITFIELD
#define __constant_htons(v) ((__u16)(v))
#define __constant_ntohs(v) ((__u16)(v))
#define __constant_htonl(v) ((__u32)(v))
#define __constant_ntohl(v) ((__u32)(v))
#define __cpu_to_be16(v) ((__u16)(v))
#define __cpu_to_be32(v) ((__u32)(v))
#define __cpu_to_be64(v) ((__u64)(v))
#define __be16_to_cpu(v) ((__u16)(v))
#define __be32_to_cpu(v) ((__u32)(v))
#define __be64_to_cpu(v) ((__u64)(v))
#define __cpu_to_le16(v) __swab16(v)
#define __cpu_to_le32(v) __swab32(v)
#define __cpu_to_le64(v) __swab64(v)
#define __le16_to_cpu(v) __swab16(v)
#define __le32_to_cpu(v) __swab32(v)
#define __le64_to_cpu(v) __swab64(v)
#endif

#define __constant_cpu_to_be16(v) __cpu_to_be16(v)
#define __constant_cpu_to_be32(v) __cpu_to_be32(v)
#define __constant_cpu_to_be64(v) __cpu_to_be64(v)
#define __constant_be16_to_cpu(v) __be16_to_cpu(v)
#define __constant_be32_to_cpu(v) __be32_to_cpu(v)
#define __constant_be64_to_cpu(v) __be64_to_cpu(v)
#define __constant_cpu_to_le16(v) __cpu_to_le16(v)
#define __constant_cpu_to_le32(v) __cpu_to_le32(v)
#define __constant_cpu_to_le64(v) __cpu_to_le64(v)
#define __constant_le16_to_cpu(v) __le16_to_cpu(v)
#define __constant_le32_to_cpu(v) __le32_to_cpu(v)
#define __constant_le64_to_cpu(v) __le64_to_cpu(v)

#define __cpu_to_be16p(p) __cpu_to_be16(*(p))
#define __cpu_to_be32p(p) __cpu_to_be32(*(p))
#define __cpu_to_be64p(p) __cpu_to_be64(*(p))
#define __cpu_to_le16p(p) __cpu_to_le16(*(p))
#define __cpu_to_le32p(p) __cpu_to_le32(*(p))
#define __cpu_to_le64p(p) __cpu_to_le64(*(p))
#define __be16_to_cpup(p) __be16_to_cpu(*(p))
#define __be32_to_cpup(p) __be32_to_cpu(*(p))
#define __be64_to_cpup(p) __be64_to_cpu(*(p))
#define __le16_to_cpup(p) __le16_to_cpu(*(p))
#define __le32_to_cpup(p) __le32_to_cpu(*(p))
#define __le64_to_cpup(p) __le64_to_cpu(*(p))

#endif
