/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_TC_ACT_TC_MIRRED_H
#define __BPFCC_LINUX_TC_ACT_TC_MIRRED_H

#include <linux/types.h>
#include <linux/pkt_cls.h>

#define TCA_EGRESS_REDIR 1
#define TCA_EGRESS_MIRROR 2
#define TCA_INGRESS_REDIR 3
#define TCA_INGRESS_MIRROR 4

struct tc_mirred {
	tc_gen;
	int eaction;
	__u32 ifindex;
};

enum {
	TCA_MIRRED_UNSPEC = 0,
	TCA_MIRRED_TM = 1,
	TCA_MIRRED_PARMS = 2,
	TCA_MIRRED_PAD = 3,
	__TCA_MIRRED_MAX = 4,
};

#define TCA_MIRRED_MAX 3

#endif
