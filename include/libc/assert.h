/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_ASSERT_H
#define __BPFCC_ASSERT_H

#define static_assert _Static_assert
#define assert(condition) ((void)0)

#endif
