/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_IN6_H
#define __BPFCC_UAPI_LINUX_IN6_H

#include <linux/in6.h>

#endif
