/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_IN_H
#define __BPFCC_UAPI_LINUX_IN_H

#include <linux/in.h>

#endif
