/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_UDP_H
#define __BPFCC_UAPI_LINUX_UDP_H

#include <linux/udp.h>

#endif
