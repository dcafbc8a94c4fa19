/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_FEATURES_H
#define __BPFCC_FEATURES_H

/* Only where the machine has no C library of its own. */
#define __GNUC_PREREQ(major, minor) 1
#define __GLIBC_PREREQ(major, minor) 0
#define __glibc_clang_prereq(major, minor) 1
#include <sys/cdefs.h>

#endif
