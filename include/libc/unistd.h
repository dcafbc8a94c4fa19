/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UNISTD_H
#define __BPFCC_UNISTD_H

#include <sys/types.h>

#endif
