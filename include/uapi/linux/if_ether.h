/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_IF_ETHER_H
#define __BPFCC_UAPI_LINUX_IF_ETHER_H

#include <linux/if_ether.h>

#endif
