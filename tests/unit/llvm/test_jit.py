"""Native code gives the same result, fault, count and memory as the interpreter."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

from bpfcc.isa import insn as i
from bpfcc.isa.check import check
from bpfcc.isa.insn import Insn
from bpfcc.isa.table import ROWS, Row
from bpfcc.llvm.jit import engine
from bpfcc.vm.code import Code
from bpfcc.vm.engine import Careful, Engine
from tests.unit.vm.test_agreement import _instruction, outcome, random_program

Maker = Callable[[Code], Engine]
QUICK = engine(opt=0, cache=False)
BETTER = engine(opt=1, cache=False)


@pytest.mark.parametrize("block", range(6))
def test_random_programs(block: int) -> None:
    for seed in range(1000 + block * 40, 1000 + block * 40 + 40):
        insns = random_program(seed)
        limit = (3000, 17, 100, 3001)[seed % 4]
        expected = outcome(insns, Careful, limit)
        assert outcome(insns, QUICK, limit) == expected, seed
        if seed % 4 == 0:
            assert outcome(insns, BETTER, limit) == expected, seed


def test_every_limit_strikes_at_the_same_place() -> None:
    for seed in (3, 11, 29, 47, 81):
        insns = random_program(seed)
        native = QUICK(Code(insns))
        for limit in range(1, 60):
            expected = outcome(insns, Careful, limit)
            assert outcome(insns, lambda _, e=native: e, limit) == expected, (seed, limit)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_runs_alike(row: Row) -> None:
    for seed in range(2):
        rng = random.Random(f"{row.name} {seed}")
        insn = _instruction(rng, row)
        setup = [Insn(i.ALU64 | i.MOV | i.X, 9, 1)]
        for reg in (0, 1, 2, 3, 6, 7):
            setup.append(Insn(i.LD_IMM64, reg, imm=rng.choice((rng.getrandbits(64), 0, 1 << 63))))
        tail = [Insn(i.ALU64 | i.XOR | i.X, 0, reg) for reg in (1, 2, 3, 6, 7)]
        if row.op == "local":
            insn.imm = len(tail) + 1
        elif row.op == "func":
            insn.imm = 1 + len(tail) + 1
        elif row.op in ("map_fd", "map_idx"):
            insn.imm &= 0xFFFFFFFF
        elif row.kind == "jump" or row.op in ("goto", "may_goto"):
            insn.off = 2
        elif row.op == "gotol":
            insn.imm = 2
        insns = [*setup, insn, *tail, Insn(i.JMP | i.EXIT), Insn(i.JMP | i.EXIT)]
        assert check(insns) == []
        assert outcome(insns, QUICK, 1000) == outcome(insns, Careful, 1000), (insn, seed)
