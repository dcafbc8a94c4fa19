/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_SYS_TIME_H
#define __BPFCC_SYS_TIME_H

#include <sys/types.h>
#include <linux/time.h>

#endif
