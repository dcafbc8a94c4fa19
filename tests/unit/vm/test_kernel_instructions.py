"""The kernel runs the same random instructions and leaves the same bytes (6.18 takes v4)."""

from __future__ import annotations

import random

import pytest

from bpfcc.isa import insn as i
from bpfcc.isa.insn import Insn
from bpfcc.isa.table import ROWS
from bpfcc.objfile.model import Function, Object
from bpfcc.support.errors import InputError
from bpfcc.vm.engine import Interpreter
from bpfcc.vm.load import load

pytestmark = pytest.mark.kernel
SIZE = 64
WORDS = [0, 1, 2, 5, 7, 31, 32, 63, 64, 0x7F, 0x80, 0xFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000,
         0xFFFFFFFF, 0x100000000, 1 << 63, (1 << 63) - 1, (1 << 64) - 1, (1 << 64) - 5]  # fmt: skip
ALU = [row for row in ROWS if row.kind in ("alu", "neg", "movsx", "end")]
MEMORY = [row for row in ROWS if row.kind in ("ldx", "ldsx", "st", "stx")]
ATOMIC = [row for row in ROWS if row.kind in ("atomic", "load_acq", "store_rel")]
JUMP = [row for row in ROWS if row.kind == "jump"]


def _one(rng: random.Random, rows: list) -> Insn:
    row = rng.choice(rows)
    insn = Insn(row.opcode, rng.randrange(9) if row.uses & 1 else 0)
    if row.uses & 2:
        insn.src = rng.randrange(9)
    if row.uses & 8:
        insn.imm = rng.choice((0, 1, 2, 3, 7, 63, 255, -1, -2, 0x7FFFFFFF, -0x80000000))
        if row.op in ("lsh", "rsh", "arsh"):
            insn.imm = rng.randrange(row.width)  # the kernel refuses constant counts beyond
        elif row.op in ("div", "mod", "sdiv", "smod"):
            insn.imm = insn.imm or 3  # and constant zeros here
    if row.select:
        setattr(insn, row.select[0], row.select[1])
    if rows is not ALU and row.kind != "jump":
        # Somewhere in the 64 bytes of stack that were initialised, aligned.
        size = row.size
        off = -size * rng.randrange(1, SIZE // size + 1)
        field = "src" if row.kind in ("ldx", "ldsx", "load_acq") else "dst"
        setattr(insn, field, 10)
        insn.off = off
    return insn


def random_program(seed: int) -> list[Insn]:
    """Straight code with forward branches that ends by storing r0 to r8 and the stack in ctx."""
    rng = random.Random(seed)
    insns = [Insn(i.ALU64 | i.MOV | i.X, 9, 1)]
    for reg in range(9):
        insns.append(
            Insn(i.LD_IMM64, reg, imm=rng.choice((rng.choice(WORDS), rng.getrandbits(64))))
        )
    for at in range(8, SIZE + 1, 8):
        insns.append(Insn(i.STX | i.MEM | i.DW, 10, rng.randrange(9), -at))
    body: list[Insn] = []
    for _ in range(rng.randrange(20, 60)):
        rows = rng.choice((ALU, ALU, ALU, MEMORY, ATOMIC, JUMP))
        body.append(_one(rng, rows))
    for k, insn in enumerate(body):
        if any(row.opcode == insn.opcode for row in JUMP):
            insn.off = rng.randrange(0, min(6, len(body) - k))
    insns += body
    for reg in range(9):
        insns.append(Insn(i.STX | i.MEM | i.DW, 9, reg, reg * 8))
    for at in range(8, SIZE + 1, 8):
        insns.append(Insn(i.LDX | i.MEM | i.DW, 1, 10, -at))
        insns.append(Insn(i.STX | i.MEM | i.DW, 9, 1, 64 + at))
    insns += [Insn(i.ALU64 | i.MOV | i.K, 0), Insn(i.JMP | i.EXIT)]
    return insns


def engines() -> list:
    try:
        from bpfcc.llvm.jit import engine

        return [Interpreter, engine(opt=0, cache=False)]
    except InputError:
        return [Interpreter]


@pytest.mark.parametrize("block", range(4))
def test_random_instructions(block: int) -> None:
    from bpfcc.kernel.load import load as kernel_load
    from bpfcc.kernel.testrun import test_run

    ran = 0
    for seed in range(block * 40, block * 40 + 40):
        obj = Object("random")
        obj.functions.append(Function("prog", "syscall", random_program(seed)))
        with kernel_load(obj) as loader:
            theirs = test_run(loader.programs["prog"], context=bytes(144))
        for engine in engines():
            mine = load(obj, engine=engine).run(bytes(144)).check()
            assert mine.context is not None
            assert bytes(mine.context.data) == theirs.context, seed
        ran += 1
    assert ran == 40
