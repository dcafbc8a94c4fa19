/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_IF_PACKET_H
#define __BPFCC_UAPI_LINUX_IF_PACKET_H

#include <linux/if_packet.h>

#endif
