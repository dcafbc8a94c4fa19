/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_IP_H
#define __BPFCC_UAPI_LINUX_IP_H

#include <linux/ip.h>

#endif
