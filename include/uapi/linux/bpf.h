/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_UAPI_LINUX_BPF_H
#define __BPFCC_UAPI_LINUX_BPF_H

#include <linux/bpf.h>

#endif
