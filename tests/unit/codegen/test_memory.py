"""Loads, stores and block operations: width by alignment, and what they leave in memory."""

from __future__ import annotations

import itertools
import re

import pytest

from bpfcc.codegen.memory import pieces
from bpfcc.ir.interp import Machine

MEMORY = bytes(range(100, 100 + 128))


def program(code):
    return f'func @f(ptr %p) -> i64 section "tc" linkage global {{\nentry:\n{code}\nret i64 0\n}}\n'


def same(box, code, mcpu=3, memory=MEMORY, **options):
    want, got = box.both(program(code), [], mcpu, memory=[memory], **options)
    assert got == want
    return want


def test_pieces_cover_everything_once():
    for size, align in itertools.product(range(1, 40), (1, 2, 4, 8, 16)):
        parts = pieces(size, align)
        assert [at for at, _ in parts] == list(itertools.accumulate([0, *(w for _, w in parts)]))[
            :-1
        ]
        assert sum(width for _, width in parts) == size
        assert all(at % width == 0 and width <= align for at, width in parts)


@pytest.mark.parametrize("align", [1, 2, 4, 8])
@pytest.mark.parametrize("size", [1, 3, 8, 15, 16, 24])
def test_memset(box, size, align):
    for byte in ("i8 0", "i8 -1", "i8 90", "%b"):
        load = "%b = load i8 %p off=127\n" if byte == "%b" else ""
        same(box, f"{load}memset %p, {byte} size={size} align={align}")


@pytest.mark.parametrize("op", ["memcpy", "memmove"])
@pytest.mark.parametrize(("size", "align"), [(1, 1), (8, 8), (12, 4), (31, 8), (6, 1), (40, 8)])
def test_copies(box, op, size, align):
    same(box, f"%q = ptradd ptr %p, i64 64\n{op} %p, %q size={size} align={align}")


@pytest.mark.parametrize("shift", [-8, -4, 4, 8, 16])
def test_memmove_overlaps(box, shift):
    code = f"""%a = ptradd ptr %p, i64 32
    %b = ptradd ptr %p, i64 {32 + shift}
    memmove %a, %b size=56 align=4"""
    same(box, code)


def test_large_blocks_are_loops(box):
    memory = bytes(i * 7 & 255 for i in range(8192))
    code = """%q = ptradd ptr %p, i64 4096
    memcpy %p, %q size=2055 align=8
    %z = ptradd ptr %p, i64 4096
    memset %z, i8 7 size=2046 align=2"""
    same(box, code, memory=memory)
    assert len(box.lines(program(code))) < 45


def test_too_large_block_is_refused(box):
    _, _, sink = box.compile(program("memset %p, i8 0 size=5000 align=8"))
    assert [d.id for d in sink.diagnostics] == ["bpf-block-size"]


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize(("type", "align"), [("i64", 1), ("i64", 4), ("i32", 2), ("i16", 1)])
def test_unaligned_accesses_are_split(box, type, align, big_endian):
    code = f"""%x = load {type} %p off=1 align={align}
    store %p, %x off=33 align={align}
    store %p, {type} 2018915346 off=67 align={align}"""
    if type == "i16":
        code = code.replace("2018915346", "4660")
    same(box, code, big_endian=big_endian)
    widths = {int(w) for w in re.findall(r"\*\(u(\d+) \*\)", "\n".join(box.lines(program(code))))}
    assert widths == {align * 8}


def test_the_frame_is_aligned_whatever_is_claimed(box):
    code = """%a = alloca ptr size=16 align=1
    store %a, i64 1 align=1
    store %a, i32 2 off=12 align=1
    store %a, i32 3 off=10 align=1
    %x = load i64 %a align=1
    store %p, %x"""
    lines = box.lines(program(code))
    assert "*(u64 *)(r10 - 16) = 1" in lines
    assert "*(u32 *)(r10 - 4) = 2" in lines
    assert "*(u16 *)(r10 - 6) = 3" in lines  # off 10 is a multiple of 2 only


def test_context_stores_use_registers(box):
    text = 'func @f(ptr %c) -> i32 section "sockops" linkage global ctx {\nentry:\n'
    lines = box.lines(text + "store %c, i32 7 off=4\nret i32 0\n}\n")
    assert lines == ["r2 = 7", "*(u32 *)(r1 + 4) = w2", "w0 = 0", "exit"]


def test_symbols_share_one_base(box):
    text = """global @g section ".data" align 8 linkage global size 24 zero
func @f() -> i64 section "tc" linkage global {
entry:
  store @g, i64 1
  store @g+8, i64 2
  %x = load i32 @g+16
  %y = zext i64 %x
  ret %y
}
"""
    module, obj, _ = box.compile(text)
    function = obj.functions[0]
    assert [(r.slot, r.symbol, r.addend) for r in function.relocs] == [(0, "g", 0)]
    assert len(function.insns) == 5
    machine = Machine(module)
    box.Executor(obj, machine, 3).run(function, [])
    assert machine.read(machine.symbol("g"), 24) == bytes([1] + [0] * 7 + [2] + [0] * 15)
