/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ASM_SOCKET_H
#define __BPFCC_ASM_SOCKET_H

#include <asm-generic/socket.h>

#endif
