/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_POSIX_TYPES_H
#define __BPFCC_LINUX_POSIX_TYPES_H

typedef long __kernel_long_t;
typedef unsigned long __kernel_ulong_t;
typedef unsigned long __kernel_size_t;
typedef long __kernel_ssize_t;
typedef long __kernel_ptrdiff_t;
typedef int __kernel_pid_t;
typedef unsigned int __kernel_uid_t;
typedef unsigned int __kernel_gid_t;
typedef unsigned int __kernel_uid32_t;
typedef unsigned int __kernel_gid32_t;
typedef long __kernel_off_t;
typedef long long __kernel_loff_t;
typedef long __kernel_time_t;
typedef long long __kernel_time64_t;
typedef unsigned int __kernel_mode_t;
typedef unsigned long __kernel_ino_t;
typedef int __kernel_clockid_t;
typedef int __kernel_timer_t;
typedef int __kernel_daddr_t;
typedef int __kernel_key_t;
typedef char *__kernel_caddr_t;
typedef long __kernel_clock_t;
typedef long __kernel_old_time_t;
typedef long __kernel_suseconds_t;
typedef int __kernel_mqd_t;
typedef int __kernel_ipc_pid_t;
typedef unsigned short __kernel_uid16_t;
typedef unsigned short __kernel_gid16_t;
typedef unsigned short __kernel_old_uid_t;
typedef unsigned short __kernel_old_gid_t;
typedef unsigned long __kernel_old_dev_t;
typedef void (*__kernel_sighandler_t)(int);
typedef struct {
	int val[2];
} __kernel_fsid_t;
typedef struct {
	unsigned long fds_bits[1024 / (8 * sizeof(long))];
} __kernel_fd_set;

#endif
