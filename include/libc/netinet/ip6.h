/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_NETINET_IP6_H
#define __BPFCC_NETINET_IP6_H

#include <netinet/in.h>
#include <linux/ipv6.h>

#endif
