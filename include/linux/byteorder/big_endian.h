/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_BYTEORDER_BIG_ENDIAN_H
#define __BPFCC_LINUX_BYTEORDER_BIG_ENDIAN_H

#include <asm/byteorder.h>

#endif
