/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_PKT_CLS_H
#define __BPFCC_UAPI_LINUX_PKT_CLS_H

#include <linux/pkt_cls.h>

#endif
