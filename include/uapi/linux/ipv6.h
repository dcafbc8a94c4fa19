/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_IPV6_H
#define __BPFCC_UAPI_LINUX_IPV6_H

#include <linux/ipv6.h>

#endif
