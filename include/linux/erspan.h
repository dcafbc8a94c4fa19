/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_ERSPAN_H
#define __BPFCC_LINUX_ERSPAN_H

#include <linux/types.h>
#include <asm/byteorder.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
struct erspan_md2 {
	__be32 timestamp;
	__be16 sgt;
	__u8 hwid_upper : 2, ft : 5, p : 1;
	__u8 o : 1, gra : 2, dir : 1, hwid : 4;
};
#else
struct erspan_md2 {
	__be32 timestamp;
	__be16 sgt;
	__u8 p : 1, ft : 5, hwid_upper : 2;
	__u8 hwid : 4, dir : 1, gra : 2, o : 1;
};
#endif

struct erspan_metadata {
	int version;
	union {
		__be32 index;
		struct erspan_md2 md2;
	} u;
};

#endif
