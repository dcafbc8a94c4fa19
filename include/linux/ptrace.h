/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_PTRACE_H
#define __BPFCC_LINUX_PTRACE_H

#include <linux/types.h>
#include <asm/ptrace.h>

#endif
