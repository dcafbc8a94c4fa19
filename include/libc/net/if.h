/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_NET_IF_H
#define __BPFCC_NET_IF_H

#define IFNAMSIZ 16

#endif
