/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_TCP_H
#define __BPFCC_UAPI_LINUX_TCP_H

#include <linux/tcp.h>

#endif
