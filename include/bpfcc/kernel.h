/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_KERNEL_H
#define __BPFCC_KERNEL_H

/*
 * What programs written against the kernel's own headers (linux/skbuff.h, net/sock.h,
 * uapi/linux/bpf.h ...) take for granted besides types: types come from BTF, and BTF has no macros.
 * bpfcc reads this header by itself before such a program.
 */

#ifndef __KERNEL__
#define __KERNEL__ 1
#endif
#if defined(__TARGET_ARCH_x86) && !defined(__x86_64__)
#define __x86_64__ 1
#elif defined(__TARGET_ARCH_arm64) && !defined(__aarch64__)
#define __aarch64__ 1
#elif defined(__TARGET_ARCH_s390) && !defined(__s390x__)
#define __s390x__ 1
#elif defined(__TARGET_ARCH_riscv) && !defined(__riscv)
#define __riscv 1
#endif

#include <linux/types.h>
#include <asm/errno.h>

#define __user
#define __kernel
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __nocast
#define __must_check
#define __init
#define __exit
#define __read_mostly
#define __maybe_unused __attribute__((unused))
#define __always_unused __attribute__((unused))
#define __packed __attribute__((packed))
#define __aligned(x) __attribute__((aligned(x)))
#define ____cacheline_aligned __attribute__((aligned(64)))
#define ____cacheline_aligned_in_smp __attribute__((aligned(64)))
#define __printf(a, b)
#define noinline __attribute__((noinline))
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __always_inline inline __attribute__((always_inline))

#ifndef NULL
#define NULL ((void *)0)
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))

#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile typeof(x) *)&(x) = (value))
#define BUILD_BUG_ON(condition) ((void)sizeof(char[1 - 2 * !!(condition)]))
#define IS_ENABLED(option) 0

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define min(a, b) ({ typeof(a) __a = (a); typeof(b) __b = (b); __a < __b ? __a : __b; })
#define max(a, b) ({ typeof(a) __a = (a); typeof(b) __b = (b); __a > __b ? __a : __b; })
#define min_t(type, a, b) ({ type __a = (a); type __b = (b); __a < __b ? __a : __b; })
#define max_t(type, a, b) ({ type __a = (a); type __b = (b); __a > __b ? __a : __b; })
#define clamp(v, low, high) min((typeof(v))max(v, low), high)
#define swap(a, b) do { typeof(a) __t = (a); (a) = (b); (b) = __t; } while (0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ALIGN(x, a) (((x) + (typeof(x))(a) - 1) & ~((typeof(x))(a) - 1))
#define round_up(x, y) ((((x) - 1) | ((typeof(x))((y) - 1))) + 1)
#define round_down(x, y) ((x) & ~((typeof(x))((y) - 1)))
#define roundup(x, y) ((((x) + (y) - 1) / (y)) * (y))
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (63 - (high))))
#define lower_32_bits(n) ((__u32)(n))
#define upper_32_bits(n) ((__u32)((n) >> 32))

#define U8_MAX ((__u8)~0U)
#define U16_MAX ((__u16)~0U)
#define U32_MAX ((__u32)~0U)
#define S32_MAX ((__s32)(U32_MAX >> 1))
#define U64_MAX ((__u64)~0ULL)
#define S64_MAX ((__s64)(U64_MAX >> 1))
#define INT_MAX __INT_MAX__
#define UINT_MAX (~0U)
#define LONG_MAX __LONG_MAX__
#define ULONG_MAX (~0UL)

#define div_u64(a, b) ((__u64)(a) / (__u32)(b))
#define div64_u64(a, b) ((__u64)(a) / (__u64)(b))
#define div64_ul(a, b) ((__u64)(a) / (__u64)(b))
#define NSEC_PER_USEC 1000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_SEC 1000000000L
#define USEC_PER_MSEC 1000L
#define USEC_PER_SEC 1000000L
#define MSEC_PER_SEC 1000L
#define HZ 1000

#define memcpy(to, from, size) __builtin_memcpy(to, from, size)
#define memmove(to, from, size) __builtin_memmove(to, from, size)
#define memset(to, value, size) __builtin_memset(to, value, size)
#define memcmp(a, b, size) __builtin_memcmp(a, b, size)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define __LITTLE_ENDIAN_BITFIELD
#define __bpfcc_be16(x) __builtin_bswap16((__u16)(x))
#define __bpfcc_be32(x) __builtin_bswap32((__u32)(x))
#define __bpfcc_be64(x) __builtin_bswap64((__u64)(x))
#define __bpfcc_le16(x) ((__u16)(x))
#define __bpfcc_le32(x) ((__u32)(x))
#define __bpfcc_le64(x) ((__u64)(x))
#else
#define __BIG_ENDIAN_BITFIELD
#define __bpfcc_be16(x) ((__u16)(x))
#define __bpfcc_be32(x) ((__u32)(x))
#define __bpfcc_be64(x) ((__u64)(x))
#define __bpfcc_le16(x) __builtin_bswap16((__u16)(x))
#define __bpfcc_le32(x) __builtin_bswap32((__u32)(x))
#define __bpfcc_le64(x) __builtin_bswap64((__u64)(x))
#endif
#define htons(x) __bpfcc_be16(x)
#define ntohs(x) __bpfcc_be16(x)
#define htonl(x) __bpfcc_be32(x)
#define ntohl(x) __bpfcc_be32(x)
#define cpu_to_be16(x) __bpfcc_be16(x)
#define cpu_to_be32(x) __bpfcc_be32(x)
#define cpu_to_be64(x) __bpfcc_be64(x)
#define be16_to_cpu(x) __bpfcc_be16(x)
#define be32_to_cpu(x) __bpfcc_be32(x)
#define be64_to_cpu(x) __bpfcc_be64(x)
#define cpu_to_le16(x) __bpfcc_le16(x)
#define cpu_to_le32(x) __bpfcc_le32(x)
#define cpu_to_le64(x) __bpfcc_le64(x)
#define le16_to_cpu(x) __bpfcc_le16(x)
#define le32_to_cpu(x) __bpfcc_le32(x)
#define le64_to_cpu(x) __bpfcc_le64(x)
#define swab16(x) __builtin_bswap16(x)
#define swab32(x) __builtin_bswap32(x)
#define swab64(x) __builtin_bswap64(x)

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_BRIDGE 7
#define AF_INET6 10
#define AF_NETLINK 16
#define AF_PACKET 17
#define AF_VSOCK 40
#define AF_XDP 44
#define PF_UNSPEC AF_UNSPEC
#define PF_UNIX AF_UNIX
#define PF_INET AF_INET
#define PF_INET6 AF_INET6
#define PF_NETLINK AF_NETLINK
#define PF_PACKET AF_PACKET
#define SOL_IP 0
#define SOL_TCP 6
#define SOL_UDP 17
#define SOL_IPV6 41
#define SOL_RAW 255
#include <asm/socket.h>

#define IFNAMSIZ 16
#define ETH_ALEN 6
#define ETH_HLEN 14
#define VLAN_HLEN 4
#define IP_DF 0x4000
#define IP_MF 0x2000
#define IP_OFFSET 0x1FFF
#define PERF_MAX_STACK_DEPTH 127
#define PATH_MAX 4096
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define S_IFMT 00170000
#define S_ISREG(m) (((m) & S_IFMT) == 0100000)
#define S_ISDIR(m) (((m) & S_IFMT) == 0040000)

#endif
