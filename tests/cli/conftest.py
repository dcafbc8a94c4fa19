"""A folder as projects have it, and ``bpfcc`` as a command that their Makefiles can call."""

from __future__ import annotations

import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent.parent

PROGRAM = """\
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "local.h"
char LICENSE[] SEC("license") = "GPL";
const volatile int wanted = STEP;
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");
SEC("raw_tp/sys_enter") int count(struct bpf_raw_tracepoint_args *ctx)
{
	u32 key = ctx->args[1];
	u64 *n = bpf_map_lookup_elem(&counts, &key), one = 1;
	if (n)
		*n += wanted;
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
	return 0;
}
"""

# What a project's own vmlinux.h has of it.
TYPES = """\
#ifndef VMLINUX_H
#define VMLINUX_H
typedef unsigned int __u32, u32;
typedef unsigned long long __u64, u64;
typedef unsigned short __u16, __be16;
typedef unsigned char __u8;
typedef int __s32;
typedef long long __s64;
typedef __u32 __be32, __wsum;
enum { BPF_MAP_TYPE_HASH = 1 };
enum { BPF_ANY = 0 };
struct bpf_raw_tracepoint_args { __u64 args[0]; };
#endif
"""


@pytest.fixture
def project(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The folder, made the current one; ``bpfcc`` is on PATH there."""
    (tmp_path / "x86").mkdir()
    (tmp_path / "prog.bpf.c").write_text(PROGRAM)
    (tmp_path / "local.h").write_text("#define STEP 2\n")
    (tmp_path / "x86" / "vmlinux.h").write_text(TYPES)
    command = tmp_path / "bin" / "bpfcc"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m bpfcc "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("GITHUB_ACTIONS", "CPATH", "C_INCLUDE_PATH", "DEPENDENCIES_OUTPUT", "MAKEFLAGS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
