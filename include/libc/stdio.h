/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_STDIO_H
#define __BPFCC_STDIO_H

#include <stddef.h>
#define EOF (-1)
#define BUFSIZ 8192

#endif
