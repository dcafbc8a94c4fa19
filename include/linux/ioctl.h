/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_IOCTL_H
#define __BPFCC_LINUX_IOCTL_H

#include <asm/ioctl.h>

#endif
