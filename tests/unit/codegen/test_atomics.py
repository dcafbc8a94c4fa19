"""Atomic operations at each instruction level."""

from __future__ import annotations

import pytest

TEXT = 'func @f(ptr %p, {t} %v) -> {t} section "tc" linkage global {{\nentry:\n{code}\n}}\n'


@pytest.mark.parametrize("type", ["i32", "i64"])
def test_addition_at_every_level(box, type):
    size = "u" + type[1:]
    for mcpu in (1, 2, 3, 4):
        code = '%x = atomicrmw {t} %p, %v op="add" off=8\nret {t} 0'.replace("{t}", type)
        lines = box.lines(TEXT.format(t=type, code=code), mcpu)
        reg = "w2" if type == "i32" else "r2"
        assert lines[0] in (f"lock *({size} *)(r1 + 8) += {reg}", f"lock *({size} *)(r1 + 8) += r2")


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ('%x = atomicrmw i32 %p, %v op="add"\nret %x', 3),
        ('%x = atomicrmw i32 %p, %v op="or"\nret i32 0', 3),
        ('%x = atomicrmw i32 %p, %v op="xchg"\nret %x', 3),
        ("%x = cmpxchg i32 %p, %v, i32 1\nret %x", 3),
        # Of 8 bytes clang makes use at every level, and so do we.
        ('%x = atomicrmw i64 %p, %v op="add"\nret %x', 1),
        ('%x = atomicrmw i64 %p, %v op="or"\nret i64 0', 1),
        ('%x = atomicrmw i64 %p, %v op="xchg"\nret %x', 1),
        ("%x = cmpxchg i64 %p, %v, i64 1\nret %x", 1),
        ("%x = load_acquire i64 %p\nret %x", 4),
        ("store_release %p, %v\nret i64 0", 4),
    ],
)
def test_levels(box, code, level):
    text = TEXT.format(t="i32" if "i32" in code else "i64", code=code)
    for mcpu in (1, 2, 3, 4):
        _, _, sink = box.compile(text, mcpu)
        if mcpu >= level:
            assert not sink.diagnostics
        else:
            assert [d.id for d in sink.diagnostics] == ["bpf-atomic"]
            assert f"v{level}" in sink.diagnostics[0].message
            assert sink.diagnostics[0].fixits


def test_exchange_without_result_still_exchanges(box):
    text = """func @f(i64 %v, ptr %p) -> i64 section "tc" linkage global {
entry:
  %x = atomicrmw i64 %p, %v op="xchg"
  %y = cmpxchg i64 %p, i64 5, i64 6 off=8
  ret i64 0
}
"""
    want, got = box.both(text, [77], 3, memory=[bytes([9] + [0] * 7 + [5] + [0] * 7)])
    assert got == want
