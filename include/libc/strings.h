/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_STRINGS_H
#define __BPFCC_STRINGS_H

#include <string.h>

#endif
