"""Verifier logs as kernels of several versions write them; no kernel needed."""

from __future__ import annotations

import pytest

from bpfcc.isa.insn import ALU64, EXIT, JMP, MOV, Insn, K
from bpfcc.kernel.rejection import Statistics, last_slot, last_word, load_error
from bpfcc.objfile.link import link
from bpfcc.objfile.model import Function, Line, Object

NEW = """func#0 @0
Live regs before insn:
      0: .1........ (63) *(u32 *)(r10 -4) = r1
0: R1=ctx() R10=fp0
; int k = 0; @ x.bpf.c:3
0: (63) *(u32 *)(r10 -4) = r1
1: (79) r1 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
verification time 1638 usec
stack depth 8+0+0+0
processed 2 insns (limit 1000000) max_states_per_insn 1 total_states 3 peak_states 2 mark_read 0
"""
OLD = """0: (b7) r0 = 0
1: (85) call unknown#9999
invalid func unknown#9999
processed 2 insns (limit 131072), stack depth 0
"""
NO_INSN = """At program exit the register R0 has smin=5 should have been in [0, 1]
processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
"""


@pytest.mark.parametrize(
    ("log", "reason", "slot"),
    [
        (NEW, "R0 invalid mem access 'map_value_or_null'", 1),
        (OLD, "invalid func unknown#9999", 1),
        (NO_INSN, "At program exit the register R0 has smin=5 should have been in [0, 1]", None),
        ("unreachable insn 7\n", "unreachable insn 7", 7),
        ("", "", None),
    ],
)
def test_reason_and_place(log, reason, slot):
    assert last_word(log) == reason
    assert last_slot(log) == slot


def test_statistics():
    counted = Statistics(NEW)
    assert (counted.insns, counted.states, counted.peak_states) == (2, 3, 2)
    assert Statistics("").insns == 0


def test_the_line_of_the_instruction_is_found():
    obj = Object("x.c")
    obj.functions = [
        Function(
            "f",
            "xdp",
            [Insn(ALU64 | MOV | K, 0), Insn(JMP | EXIT)],
            lines=[Line(0, "x.c", 3, 5, "int a = b;"), Line(1, "x.c", 4, 1, "\treturn *p;")],
        )
    ]
    error = load_error(link(obj, "f"), 13, NEW, "EACCES")
    assert str(error).startswith("x.c:4: the kernel rejects program 'f': R0 invalid")
    (diagnostic,) = error.diagnostics
    assert diagnostic.span.position() == ("x.c", 4, 1)
    assert diagnostic.span.file.line_text(1) == "\treturn *p;"
    assert diagnostic.notes[0].message == "at instruction 1 of 'f'"
    assert load_error(link(obj, "f"), 13, "", "EACCES").reason == "EACCES"


def test_lines_without_a_number_have_no_span():
    assert Line(0, "x.c", 0, 0, "").place() is None
    span = Line(0, "x.c", 9, 500, "short").place()
    assert span is not None and span.position()[:2] == ("x.c", 9)
