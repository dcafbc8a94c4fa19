"""The frame: offsets, sharing, the limit and its diagnostic."""

from __future__ import annotations

import itertools

from bpfcc.ir.builder import Builder
from bpfcc.ir.module import Function, HelperRef, Module
from bpfcc.ir.values import I64, PTR, Param
from bpfcc.support.source import SourceFile, Span


def frame_module(sizes, *, scopes=False):
    """A program with one local of each size, whose address goes to a helper."""
    source = SourceFile("big.c", "int prog(void *ctx)\n{\n    char buffer[600];\n}\n")
    module = Module("big.c")
    span = Span(source, 4, 8)
    function = Function("prog", I64, [Param(PTR, 0, "ctx")], section="tc", span=span)
    module.functions.append(function)
    b = Builder(function)
    b.span = Span(source, 30, 36)
    locals_ = [b.alloca(size, min(size & -size, 8), f"local{i}") for i, size in enumerate(sizes)]
    for local in locals_:
        if scopes:
            b.lifetime_start(local)
        b.memset(local, 1, 1)
        b.call(I64, HelperRef(5), [local])
        if scopes:
            b.lifetime_end(local)
    b.ret(b.i64(0))
    return module


def offsets(box, module):
    _, obj, sink = box.compile(module)
    function = obj.functions[0]
    adds = [i.imm for i in function.insns if i.opcode == 0x07]
    return function.stack, adds, sink.diagnostics


def test_every_object_on_eight_bytes(box):
    stack, adds, errors = offsets(box, frame_module([4, 12, 1]))
    assert (stack, adds, errors) == (32, [-8, -24, -32], [])


def test_small_objects_are_packed_when_needed(box):
    stack, adds, errors = offsets(box, frame_module([4] * 100 + [100]))
    assert not errors
    assert stack <= 512
    assert all(add % 4 == 0 for add in adds)
    taken = sorted([(add, add + 4) for add in adds[:-1]] + [(adds[-1], adds[-1] + 100)])
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(taken))


def test_scopes_share_bytes_when_needed(box):
    stack, adds, errors = offsets(box, frame_module([200, 200, 200], scopes=True))
    assert not errors
    assert stack == 200
    assert adds == [-200, -200, -200]


def test_too_much(box):
    stack, _, errors = offsets(box, frame_module([600, 8]))
    assert stack == 608
    assert [d.id for d in errors] == ["bpf-stack-size"]
    error = errors[0]
    assert error.message == "608 bytes of stack are needed in prog(); the limit is 512"
    assert error.span.position() == ("big.c", 3, 9)
    assert [note.message for note in error.notes] == [
        "'local0' takes 600 bytes here",
        "'local1' takes 8 bytes here",
    ]
    assert "local0" in error.fixits[0].text


def test_may_goto_needs_room(box):
    text = """func @f(ptr %p) -> i64 section "tc" linkage global {{
entry:
  %a = alloca ptr size={} align=8
  store %a, i64 0
  br loop
loop:
  may_goto out, body
body:
  %x = call i64 helper 5 ""(%a)
  br loop
out:
  ret i64 0
}}
"""
    assert not box.compile(text.format(496))[2].diagnostics
    assert [d.id for d in box.compile(text.format(504))[2].diagnostics] == ["bpf-stack-size"]
