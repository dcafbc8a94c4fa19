/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ASM_GENERIC_TYPES_H
#define __BPFCC_ASM_GENERIC_TYPES_H

#include <asm/types.h>

#endif
