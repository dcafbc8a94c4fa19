/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_GNU_STUBS_H
#define __BPFCC_GNU_STUBS_H

/* Nothing is a stub where nothing exists. */

#endif
