/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_SAMPLES_BPF_HELPERS_H
#define __BPFCC_SAMPLES_BPF_HELPERS_H

/*
 * The name that programs of the kernel's samples and tools use, who keep a copy beside them. In the
 * 2014 patch set it held little more than SEC(); the helpers of that time the compiler knows.
 */
#ifdef __BPFCC_TRACE_BPF_TRACE_H
#ifndef SEC
#define SEC(name) __attribute__((section(name), used))
#endif
#else
#include <bpf/bpf_helpers.h>
#endif

#endif
