"""The LLVM backend beyond what the random programs and the filters compare."""

from __future__ import annotations

import os
import sys

import pytest

from tests.fuzz.engines import compile_bpf, in_kernel, in_vm

pytest.importorskip("llvmlite")

CTZ = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct args { __u64 in[8]; __u64 out[8]; };
SEC("syscall") int prog(struct args *ctx)
{
    ctx->out[0] = __builtin_ctzll(ctx->in[0]);
    return __builtin_ctz((unsigned int)ctx->in[1]);
}
char _license[] SEC("license") = "GPL";
"""


def test_tables_that_llvm_makes() -> None:
    """LLVM sees through the bit tricks of ctz and counts by a table, which must come along."""
    rows = [[1 << n, 3 << n % 32, *[0] * 6] for n in (0, 1, 7, 31, 32, 63)]
    expected = [(n % 32, (n, *[0] * 7)) for n in (0, 1, 7, 31, 32, 63)]
    obj = compile_bpf(CTZ, backend="llvm")
    assert ".rodata.llvm" in obj.data
    assert in_vm(obj, rows) == expected
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        assert in_kernel(obj, rows) == expected


FIELDS = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct args { __u64 in[8]; __u64 out[8]; };
volatile int way;
SEC("syscall") int prog(struct args *ctx)
{
    if (way == 1) {
        bpf_ktime_get_ns();
        ctx->in[1] += 5;
    } else if (way == 2) {
        bpf_get_smp_processor_id();
        ctx->in[1] *= 3;
    } else {
        __sync_fetch_and_add(&way, 1);
    }
    return ctx->in[1];
}
char _license[] SEC("license") = "GPL";
"""


def test_context_fields_are_reached_from_the_context() -> None:
    """The kernel refuses a context pointer that was moved before the access."""
    (function,) = compile_bpf(FIELDS, backend="llvm").functions
    accesses = [insn for insn in function.insns if insn.opcode & 7 in (1, 3) and insn.off == 8]
    assert len(accesses) >= 3


LOCAL = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct args { __u64 in[8]; __u64 out[8]; };
SEC("syscall") int prog(struct args *ctx)
{
    __u64 kept[8] = {};
    __u8 bytes[16] = {};
    for (int i = 0; i < 8; i++)
        kept[(ctx->in[i] + 1) & 7] += ctx->in[i];
    bytes[ctx->in[0] & 15] = 9;
    ctx->out[0] = kept[ctx->in[1] & 7] + bytes[ctx->in[2] & 7];
    return kept[(ctx->in[1] & 3) * 2 + 1];
}
char _license[] SEC("license") = "GPL";
"""


def test_sums_of_pointers_to_locals_stay_sums() -> None:
    """The kernel takes no "or" of a pointer, which LLVM makes where it knows the alignment."""
    rows = [[n * 3 + k for k in range(8)] for n in range(5)]
    obj = compile_bpf(LOCAL, backend="llvm")
    expected = in_vm(compile_bpf(LOCAL), rows)
    assert in_vm(obj, rows) == expected
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        assert in_kernel(obj, rows) == expected


CORE = """
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
SEC("iter/task") int dump(struct bpf_iter__task *ctx)
{
    struct task_struct *task = ctx->task;
    if (task)
        bpf_seq_write(ctx->meta->seq, &task->pid, 4);
    return 0;
}
char _license[] SEC("license") = "GPL";
"""


@pytest.mark.kernel
def test_core_offset_of_a_context_field_is_in_the_load() -> None:
    from bpfcc.kernel.load import load

    obj = compile_bpf(CORE, backend="llvm")
    (function,) = obj.functions
    loads = {reloc.slot for reloc in function.core}
    assert len(loads) == 4
    load(obj).close()
