/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_KERNEL_H
#define __BPFCC_LINUX_KERNEL_H

#include <linux/const.h>

#endif
