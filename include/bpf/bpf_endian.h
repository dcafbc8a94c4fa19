/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_BPF_BPF_ENDIAN_H
#define __BPFCC_BPF_BPF_ENDIAN_H

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define bpf_htons(v) ((unsigned short)__builtin_bswap16((unsigned short)(v)))
#define bpf_ntohs(v) ((unsigned short)__builtin_bswap16((unsigned short)(v)))
#define bpf_htonl(v) ((unsigned int)__builtin_bswap32((unsigned int)(v)))
#define bpf_ntohl(v) ((unsigned int)__builtin_bswap32((unsigned int)(v)))
#define bpf_cpu_to_be64(v) ((unsigned long long)__builtin_bswap64((unsigned long long)(v)))
#define bpf_be64_to_cpu(v) ((unsigned long long)__builtin_bswap64((unsigned long long)(v)))
#else
#define bpf_htons(v) ((unsigned short)(v))
#define bpf_ntohs(v) ((unsigned short)(v))
#define bpf_htonl(v) ((unsigned int)(v))
#define bpf_ntohl(v) ((unsigned int)(v))
#define bpf_cpu_to_be64(v) ((unsigned long long)(v))
#define bpf_be64_to_cpu(v) ((unsigned long long)(v))
#endif
#define __bpf_htons(v) bpf_htons(v)
#define __bpf_ntohs(v) bpf_ntohs(v)
#define __bpf_htonl(v) bpf_htonl(v)
#define __bpf_ntohl(v) bpf_ntohl(v)
#define __bpf_constant_htons(v) bpf_htons(v)
#define __bpf_constant_ntohs(v) bpf_ntohs(v)
#define __bpf_constant_htonl(v) bpf_htonl(v)
#define __bpf_constant_ntohl(v) bpf_ntohl(v)
#define __bpf_cpu_to_be64(v) bpf_cpu_to_be64(v)
#define __bpf_be64_to_cpu(v) bpf_be64_to_cpu(v)
#define __bpf_constant_cpu_to_be64(v) bpf_cpu_to_be64(v)
#define __bpf_constant_be64_to_cpu(v) bpf_be64_to_cpu(v)
#define ___bpf_swab16(v) ((unsigned short)__builtin_bswap16((unsigned short)(v)))
#define ___bpf_swab32(v) ((unsigned int)__builtin_bswap32((unsigned int)(v)))
#define ___bpf_swab64(v) ((unsigned long long)__builtin_bswap64((unsigned long long)(v)))

#endif
