/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ASM_GENERIC_INT_LL64_H
#define __BPFCC_ASM_GENERIC_INT_LL64_H

#include <asm/types.h>

#endif
