/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_STDNORETURN_H
#define __BPFCC_STDNORETURN_H

#define noreturn _Noreturn

#endif
