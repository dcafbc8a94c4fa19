/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_SYS_CDEFS_H
#define __BPFCC_SYS_CDEFS_H

#define __BEGIN_DECLS
#define __END_DECLS
#define __THROW
#define __nonnull(params)
#define __attribute_pure__ __attribute__((pure))
#define __wur

#endif
