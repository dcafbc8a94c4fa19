/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_RANDOM_H
#define __BPFCC_LINUX_RANDOM_H

#include <linux/types.h>
#include <linux/ioctl.h>

#define RNDGETENTCNT 0x80045200UL
#define RNDADDTOENTCNT 0x40045201UL
#define RNDGETPOOL 0x80085202UL
#define RNDADDENTROPY 0x40085203UL
#define RNDZAPENTCNT 0x5204U
#define RNDCLEARPOOL 0x5206U
#define RNDRESEEDCRNG 0x5207U

struct rand_pool_info {
	int entropy_count;
	int buf_size;
	__u32 buf[];
};

#define GRND_NONBLOCK 0x0001
#define GRND_RANDOM 0x0002
#define GRND_INSECURE 0x0004

#endif
