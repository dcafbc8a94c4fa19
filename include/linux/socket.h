/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_SOCKET_H
#define __BPFCC_LINUX_SOCKET_H

#define _K_SS_MAXSIZE 128
#define _K_SS_ALIGNSIZE 8
typedef unsigned short __kernel_sa_family_t;
struct __kernel_sockaddr_storage {
	union {
		struct {
			__kernel_sa_family_t ss_family;
			char __data[_K_SS_MAXSIZE - sizeof(unsigned short)];
		};
		void *__align;
	};
};

#endif
