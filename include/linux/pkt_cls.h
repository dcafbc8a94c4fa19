/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_PKT_CLS_H
#define __BPFCC_LINUX_PKT_CLS_H

#include <linux/types.h>
#include <linux/pkt_sched.h>

#define TC_COOKIE_MAX_SIZE 16
#define TC_ACT_UNSPEC (-1)
#define TC_ACT_OK 0
#define TC_ACT_RECLASSIFY 1
#define TC_ACT_SHOT 2
#define TC_ACT_PIPE 3
#define TC_ACT_STOLEN 4
#define TC_ACT_QUEUED 5
#define TC_ACT_REPEAT 6
#define TC_ACT_REDIRECT 7
#define TC_ACT_VALUE_MAX 8
#define TC_ACT_EXT_VAL_MASK 0xfffffff
#define TC_ACT_JUMP 0x10000000
#define TC_ACT_GOTO_CHAIN 0x20000000
#define TC_ACT_EXT_OPCODE_MAX 0x20000000
#define TCA_ID_MAX 255

#endif
