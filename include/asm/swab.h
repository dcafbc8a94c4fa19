/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ASM_SWAB_H
#define __BPFCC_ASM_SWAB_H

#include <linux/swab.h>

#endif
