/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_STRING_H
#define __BPFCC_STRING_H

#include <stddef.h>

/* Expanded in place where the size is constant; nothing else of the C library exists here. */
extern void *memcpy(void *__restrict to, const void *__restrict from, size_t size);
extern void *memmove(void *to, const void *from, size_t size);
extern void *memset(void *to, int value, size_t size);
extern int memcmp(const void *a, const void *b, size_t size);
extern int strcmp(const char *a, const char *b);
extern int strncmp(const char *a, const char *b, size_t size);
extern size_t strlen(const char *text);
extern char *strcpy(char *__restrict to, const char *__restrict from);
extern char *strncpy(char *__restrict to, const char *__restrict from, size_t size);
extern char *strchr(const char *text, int letter);

#endif
