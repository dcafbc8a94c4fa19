/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_NETINET_IP_H
#define __BPFCC_NETINET_IP_H

#include <netinet/in.h>
#include <linux/ip.h>

#endif
