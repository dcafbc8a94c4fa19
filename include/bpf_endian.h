/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_SAMPLES_BPF_ENDIAN_H
#define __BPFCC_SAMPLES_BPF_ENDIAN_H

/* The name that programs of the kernel's samples and tools use. */
#include <bpf/bpf_endian.h>

#endif
