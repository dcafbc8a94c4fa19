/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ASM_GENERIC_ERRNO_BASE_H
#define __BPFCC_ASM_GENERIC_ERRNO_BASE_H

#include <asm/errno.h>

#endif
