/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ASM_BITSPERLONG_H
#define __BPFCC_ASM_BITSPERLONG_H

#define __BITS_PER_LONG 64

#endif
