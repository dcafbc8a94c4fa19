/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_TC_ACT_TC_GACT_H
#define __BPFCC_LINUX_TC_ACT_TC_GACT_H

#include <linux/types.h>
#include <linux/pkt_cls.h>

struct tc_gact {
	tc_gen;
};

struct tc_gact_p {
	__u16 ptype;
	__u16 pval;
	int paction;
};

#define PGACT_NONE 0
#define PGACT_NETRAND 1
#define PGACT_DETERM 2
#define MAX_RAND 3

enum {
	TCA_GACT_UNSPEC = 0,
	TCA_GACT_TM = 1,
	TCA_GACT_PARMS = 2,
	TCA_GACT_PROB = 3,
	TCA_GACT_PAD = 4,
	__TCA_GACT_MAX = 5,
};

#define TCA_GACT_MAX 4

#endif
