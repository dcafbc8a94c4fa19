/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_FEATURES_H
#define __BPFCC_FEATURES_H

#define __GLIBC_PREREQ(major, minor) 0

#endif
