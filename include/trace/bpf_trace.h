/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_TRACE_BPF_TRACE_H
#define __BPFCC_TRACE_BPF_TRACE_H

/*
 * A header of the 2014 patch set only. What it declared (struct bpf_context, bpf_table_lookup() and
 * their kin) the compiler knows without any include.
 */

#endif
