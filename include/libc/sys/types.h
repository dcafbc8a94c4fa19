/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_SYS_TYPES_H
#define __BPFCC_SYS_TYPES_H

#include <features.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef uint8_t u_int8_t;
typedef uint16_t u_int16_t;
typedef uint32_t u_int32_t;
typedef uint64_t u_int64_t;

/* The names of glibc's guards, so that its own headers can stand beside these. */
#ifndef __ssize_t_defined
#define __ssize_t_defined
typedef long ssize_t;
#endif
#ifndef __pid_t_defined
#define __pid_t_defined
typedef int pid_t;
#endif
#ifndef __uid_t_defined
#define __uid_t_defined
typedef unsigned int uid_t;
#endif
#ifndef __gid_t_defined
#define __gid_t_defined
typedef unsigned int gid_t;
#endif
#ifndef __mode_t_defined
#define __mode_t_defined
typedef unsigned int mode_t;
#endif
#ifndef __dev_t_defined
#define __dev_t_defined
typedef unsigned long dev_t;
#endif
#ifndef __ino_t_defined
#define __ino_t_defined
typedef unsigned long ino_t;
#endif
#ifndef __off_t_defined
#define __off_t_defined
typedef long off_t;
#endif
#ifndef __nlink_t_defined
#define __nlink_t_defined
typedef unsigned long nlink_t;
#endif
#ifndef __id_t_defined
#define __id_t_defined
typedef unsigned int id_t;
#endif
#ifndef __key_t_defined
#define __key_t_defined
typedef int key_t;
#endif
#ifndef __time_t_defined
#define __time_t_defined 1
typedef long time_t;
#endif
#ifndef __clock_t_defined
#define __clock_t_defined 1
typedef long clock_t;
#endif
#ifndef __clockid_t_defined
#define __clockid_t_defined 1
typedef int clockid_t;
#endif

#endif
