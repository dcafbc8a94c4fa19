/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ASM_UNISTD_H
#define __BPFCC_ASM_UNISTD_H

#if defined(__TARGET_ARCH_arm64) || defined(__TARGET_ARCH_riscv) || \
	defined(__TARGET_ARCH_loongarch)
#include <asm-generic/unistd.h>
#else
#include <asm/unistd_64.h>
#endif

#endif
