/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_TC_ACT_TC_PEDIT_H
#define __BPFCC_LINUX_TC_ACT_TC_PEDIT_H

#include <linux/types.h>
#include <linux/pkt_cls.h>

enum {
	TCA_PEDIT_UNSPEC = 0,
	TCA_PEDIT_TM = 1,
	TCA_PEDIT_PARMS = 2,
	TCA_PEDIT_PAD = 3,
	TCA_PEDIT_PARMS_EX = 4,
	TCA_PEDIT_KEYS_EX = 5,
	TCA_PEDIT_KEY_EX = 6,
	__TCA_PEDIT_MAX = 7,
};

#define TCA_PEDIT_MAX 6

enum {
	TCA_PEDIT_KEY_EX_HTYPE = 1,
	TCA_PEDIT_KEY_EX_CMD = 2,
	__TCA_PEDIT_KEY_EX_MAX = 3,
};

#define TCA_PEDIT_KEY_EX_MAX 2

enum pedit_header_type {
	TCA_PEDIT_KEY_EX_HDR_TYPE_NETWORK = 0,
	TCA_PEDIT_KEY_EX_HDR_TYPE_ETH = 1,
	TCA_PEDIT_KEY_EX_HDR_TYPE_IP4 = 2,
	TCA_PEDIT_KEY_EX_HDR_TYPE_IP6 = 3,
	TCA_PEDIT_KEY_EX_HDR_TYPE_TCP = 4,
	TCA_PEDIT_KEY_EX_HDR_TYPE_UDP = 5,
	__PEDIT_HDR_TYPE_MAX = 6,
};

#define TCA_PEDIT_HDR_TYPE_MAX 5

enum pedit_cmd {
	TCA_PEDIT_KEY_EX_CMD_SET = 0,
	TCA_PEDIT_KEY_EX_CMD_ADD = 1,
	__PEDIT_CMD_MAX = 2,
};

#define TCA_PEDIT_CMD_MAX 1

struct tc_pedit_key {
	__u32 mask;
	__u32 val;
	__u32 off;
	__u32 at;
	__u32 offmask;
	__u32 shift;
};

struct tc_pedit_sel {
	tc_gen;
	unsigned char nkeys;
	unsigned char flags;
	struct tc_pedit_key keys[0];
};

#define tc_pedit tc_pedit_sel

#endif
