/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_SAMPLES_BPF_CORE_READ_H
#define __BPFCC_SAMPLES_BPF_CORE_READ_H

/* The name that programs of the kernel's samples and tools use. */
#include <bpf/bpf_core_read.h>

#endif
