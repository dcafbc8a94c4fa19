"""Machine code as text: every operation has one."""

from __future__ import annotations

from bpfcc.codegen import mirprint
from bpfcc.codegen.mir import CALL, CallInfo, MInsn
from bpfcc.isa import table


def test_every_instruction_prints():
    for row in table.ROWS:
        if row.kind == table.JA or row.opcode == 0x8D:
            continue  # neither is made: there is JUMP, and no call through a register
        insn = MInsn(row.opcode, 3, 4, 0, 0)
        if row.select:
            setattr(insn, *row.select)
        if row.opcode == CALL:
            insn.extra = CallInfo(2)
        text = mirprint.format_minsn(insn)
        assert text
        if row.kind == table.ALU:
            assert text.startswith("r3" if row.width == 64 else "w3")


def test_every_stage_prints(box):
    seen = []

    def stage(name, function):
        text = mirprint.format_function(function)
        assert text.split(":\n")[0] == function.name
        seen.append(name)

    for seed in range(6):
        box.compile(box.irgen.random_module(seed, 4, 60), 4, callback=stage)
    assert seen[:5] == ["isel", "prepare", "regalloc", "peephole", "layout"]
