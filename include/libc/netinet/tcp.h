/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_NETINET_TCP_H
#define __BPFCC_NETINET_TCP_H

#include <linux/tcp.h>
#define SOL_TCP 6

#endif
