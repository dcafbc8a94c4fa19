/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_TC_ACT_TC_VLAN_H
#define __BPFCC_LINUX_TC_ACT_TC_VLAN_H

#include <linux/pkt_cls.h>

#define TCA_VLAN_ACT_POP 1
#define TCA_VLAN_ACT_PUSH 2
#define TCA_VLAN_ACT_MODIFY 3
#define TCA_VLAN_ACT_POP_ETH 4
#define TCA_VLAN_ACT_PUSH_ETH 5

struct tc_vlan {
	tc_gen;
	int v_action;
};

enum {
	TCA_VLAN_UNSPEC = 0,
	TCA_VLAN_TM = 1,
	TCA_VLAN_PARMS = 2,
	TCA_VLAN_PUSH_VLAN_ID = 3,
	TCA_VLAN_PUSH_VLAN_PROTOCOL = 4,
	TCA_VLAN_PAD = 5,
	TCA_VLAN_PUSH_VLAN_PRIORITY = 6,
	TCA_VLAN_PUSH_ETH_DST = 7,
	TCA_VLAN_PUSH_ETH_SRC = 8,
	__TCA_VLAN_MAX = 9,
};

#define TCA_VLAN_MAX 8

#endif
