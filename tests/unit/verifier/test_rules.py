"""Rules of the analysis that no small program shows by itself."""

from __future__ import annotations

import random

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.isa import insn as isa
from bpfcc.isa.insn import Insn
from bpfcc.objfile.link import exception_callbacks, link
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile
from bpfcc.verifier import bounds, precision, regs
from bpfcc.verifier.bounds import U32, U64, signed32
from bpfcc.verifier.checker import _Twins
from bpfcc.verifier.regs import Reg

_S32_MIN, _S32_MAX = -(1 << 31), (1 << 31) - 1


def test_signed_and_unsigned_32_bit_ranges_narrow_each_other_across_the_sign() -> None:
    # Unsigned 3 or more, signed 1 or less: only the negative numbers are both.
    found = bounds.sync(0, U32, 0, U32, 0, U32, _S32_MIN, 1, 3, U32)
    assert (found.smin32, found.smax32) == (_S32_MIN, -1)
    assert (found.umin32, found.umax32) == (0x80000000, U32)
    # Unsigned 5 or less, signed -3 or more: only the small ones.
    found = bounds.sync(0, U32, 0, U32, 0, U32, -3, _S32_MAX, 0, 5)
    assert (found.smin32, found.smax32) == (0, 5)


def test_ranges_never_lose_a_value() -> None:
    rng = random.Random(7)
    for _ in range(4000):
        low, high = sorted(rng.choice((rng.getrandbits(32), rng.getrandbits(4))) for _ in "ab")
        a, b = sorted(
            signed32(rng.choice((rng.getrandbits(32), -rng.getrandbits(4)))) for _ in "ab"
        )
        value = rng.choice((low, high, a & U32, b & U32, rng.getrandbits(32)))
        if not (low <= value <= high and a <= signed32(value) <= b):
            continue
        found = bounds.sync(0, U64, -(1 << 63), (1 << 63) - 1, 0, U64, a, b, low, high)
        assert found.umin32 <= value <= found.umax32
        assert found.smin32 <= signed32(value) <= found.smax32
        assert value & ~found.m & U32 == found.v & U32


def test_equal_numbers_with_ids_are_the_same_only_if_the_ids_pair_up() -> None:
    def number(id: int) -> Reg:
        return Reg(regs.SCALAR, bounds.UNKNOWN, id=id)

    twins = _Twins()
    assert twins.same(number(0), number(0))
    assert not twins.same(number(4), number(0))
    assert twins.same(number(4), number(9))
    assert twins.same(number(4), number(9))
    assert not twins.same(number(4), number(8))
    assert not twins.same(number(5), number(9))


def test_tracing_back_looks_only_at_what_may_concern_it() -> None:
    code = [
        Insn(isa.ALU64 | isa.MOV, 1, 0, 0, 7),  # r1 = 7
        Insn(isa.ALU64 | isa.ADD, 1, 0, 0, 7),  # r1 += 7
        Insn(isa.ALU64 | isa.ADD | isa.X, 1, 2),  # r1 += r2
        Insn(isa.JMP | isa.JEQ, 3, 0, 0, 7),  # if r3 == 7
        Insn(isa.JMP | isa.JEQ | isa.X, 3, 4),  # if r3 == r4
        Insn(isa.STX | isa.MEM | isa.DW, 10, 5, -8),
        Insn(isa.JMP | isa.EXIT),
    ]
    slots, always = precision._SLOTS, precision._ALWAYS
    assert precision.codes(code) == [2, 0, 2, 0, 1 << 3 | 1 << 4, slots | 1 << 10, always]


_THROWS = """
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
extern void bpf_throw(__u64 cookie) __ksym;
__attribute__((noinline)) int deeper(__u64 n) { return n > 5; }
__attribute__((noinline)) int caught(__u64 cookie) { return deeper(cookie); }
SEC("tc") __attribute__((btf_decl_tag("exception_callback:caught")))
int x(struct __sk_buff *skb) { if (skb->len > 9) bpf_throw(1); return 0; }
SEC("tc") int y(struct __sk_buff *skb) { return 0; }
char LICENSE[] SEC("license") = "GPL";
"""


def test_the_callback_of_an_exception_is_linked_in_though_nobody_calls_it() -> None:
    obj = compile_source(SourceFile("x.c", _THROWS), Options(), Sink())
    assert obj is not None
    assert exception_callbacks(obj, "x") == ["caught"]
    assert exception_callbacks(obj, "y") == []
    names = [part.function.name for part in link(obj, "x").functions]
    assert names[:2] == ["x", "caught"] and set(names[2:]) <= {"deeper"}
    assert [part.function.name for part in link(obj, "y").functions] == ["y"]
