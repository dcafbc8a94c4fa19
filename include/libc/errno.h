/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ERRNO_H
#define __BPFCC_ERRNO_H

#include <linux/errno.h>

#endif
