"""The fast interpreter and the careful one give the same result, fault, count and memory."""

from __future__ import annotations

import random

import pytest

from bpfcc.isa import insn as i
from bpfcc.isa.check import check
from bpfcc.isa.insn import Insn
from bpfcc.isa.table import ROWS, Row
from bpfcc.vm.engine import Careful, Engine, Interpreter
from bpfcc.vm.faults import Fault, MemoryFault
from bpfcc.vm.program import from_insns
from bpfcc.vm.world import World

PLAIN = [
    row
    for row in ROWS
    if row.kind in ("alu", "neg", "movsx", "end", "ldx", "ldsx", "st", "stx", "atomic")
    or row.kind in ("load_acq", "store_rel", "cast")
    or row.name == "lddw"
]
JUMPS = [row for row in ROWS if row.kind in ("ja", "jump", "jcond")]
VALUES = [0, 1, 2, 3, 7, 8, 31, 32, 63, 64, 255, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, -1, -2, -8,
          -32768, -0x80000000]  # fmt: skip


def _instruction(rng: random.Random, row: Row) -> Insn:
    insn = Insn(row.opcode)
    if row.uses & 1:
        insn.dst = rng.choice((0, 1, 2, 3, 6, 7))
    if row.uses & 2:
        insn.src = rng.choice((0, 1, 2, 3, 6, 7))
    if row.uses & 8:
        insn.imm = rng.choice(VALUES) if rng.random() < 0.7 else rng.getrandbits(31)
        if row.kind == "lddw":
            insn.imm = rng.getrandbits(64)
    if row.select:
        setattr(insn, row.select[0], row.select[1])
    if row.kind == "cast":
        insn.imm = 1
    if row.kind in ("ldx", "ldsx", "st", "stx", "atomic", "load_acq", "store_rel"):
        # Mostly the frame or the memory argument, now and then any register.
        field = "src" if row.kind in ("ldx", "ldsx", "load_acq") else "dst"
        kind = rng.random()
        if kind < 0.55:
            setattr(insn, field, 10)
            insn.off = -rng.choice((8, 16, 24, 32, rng.randrange(1, 40)))
            if rng.random() < 0.03:
                insn.off = rng.choice((-520, 0, -512, -513, 8))
        elif kind < 0.97:
            setattr(insn, field, 9)
            insn.off = rng.choice((0, 8, 16, 24, rng.randrange(0, 30)))
            if rng.random() < 0.03:
                insn.off = rng.choice((-1, 32, 60, 64))
        if "dst" in row.writes and insn.dst in (9, 10):
            insn.dst = 0
        if "src" in row.writes and insn.src in (9, 10):
            insn.src = 0
    return insn


def random_program(seed: int) -> list[Insn]:
    """A sound program with any control flow, nested and irreducible loops included."""
    rng = random.Random(seed)
    functions = rng.choice((1, 1, 1, 2, 3))
    parts = []
    for number in range(functions):
        length = rng.randrange(3, 40)
        rows: list[Row | str] = []
        for _ in range(length):
            kind = rng.random()
            if kind < 0.3:
                rows.append(rng.choice(JUMPS))
            elif kind < 0.34 and number + 1 < functions:
                rows.append("call")
            elif kind < 0.37:
                rows.append("helper")
            elif kind < 0.38:
                rows.append("exit")
            else:
                rows.append(rng.choice(PLAIN))
        parts.append(rows)
    insns: list[Insn] = []
    calls: list[tuple[int, int]] = []
    ranges = []
    for number, rows in enumerate(parts):
        first = len(insns)
        insns.append(Insn(i.ALU64 | i.MOV | i.X, 9, 1))
        for row in rows:
            if row == "call":
                calls.append((len(insns), number + 1))
                insns.append(Insn(i.JMP | i.CALL, 0, i.PSEUDO_CALL))
            elif row == "helper":
                insns.append(Insn(i.JMP | i.CALL, 0, 0, 0, rng.choice((7, 5, 8, 999, 1000))))
            elif row == "exit":
                insns.append(Insn(i.JMP | i.EXIT))
            else:
                assert isinstance(row, Row)
                insns.append(_instruction(rng, row))
        insns.append(Insn(i.JMP | i.EXIT))
        ranges.append((first, len(insns)))
    starts = i.slot_starts(insns)
    for first, end in ranges:
        for k in range(first, end):
            insn = insns[k]
            row = (
                next(row for row in JUMPS if row.opcode == insn.opcode)
                if any(row.opcode == insn.opcode for row in JUMPS)
                else None
            )
            if row is None:
                continue
            if rng.random() < 0.75 and k + 1 < end:
                target = rng.randrange(k + 1, min(end, k + 12))
            else:
                target = rng.randrange(first, end)
            delta = starts[target] - starts[k] - 1
            if row.op == "gotol":
                insn.imm = delta
            else:
                insn.off = delta
    for at, callee in calls:
        insns[at].imm = starts[ranges[callee][0]] - starts[at] - 1
    return insns


def outcome(insns: list[Insn], engine: type[Engine], limit: int, *, traced: bool = False):
    """Run and return everything that can be seen."""
    world = World()
    world.mock(999, lambda a, b: a ^ b)
    loaded = from_insns(insns, world, engine=engine)
    memory = bytearray(range(32))
    if traced:
        loaded._run.trace = lambda run, code, index, registers: None
    result = loaded.call_with_memory(memory, 0x123456789, 3, limit=limit)
    fault = result.fault
    seen: list[object] = [result.executed, bytes(memory)]
    if fault is None:
        return ["value", result.value, *seen]
    details: list[object] = [fault.kind, fault.pc, fault.executed, fault.stack, fault.message]
    if isinstance(fault, MemoryFault):
        details += [fault.addr, fault.size, fault.access]
    return [*details, *seen]


@pytest.mark.parametrize("block", range(8))
def test_random_programs(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        insns = random_program(seed)
        assert check(insns) == []
        limit = (3000, 17, 100, 3001)[seed % 4]
        fast = outcome(insns, Interpreter, limit)
        assert fast == outcome(insns, Careful, limit), seed


def test_every_limit_strikes_at_the_same_place() -> None:
    for seed in (3, 11, 29, 47, 81):
        insns = random_program(seed)
        for limit in range(1, 60):
            fast = outcome(insns, Interpreter, limit)
            assert fast == outcome(insns, Careful, limit), (seed, limit)


def test_faults_are_among_the_outcomes() -> None:
    """The generator is worth something only if it reaches every kind of end."""
    kinds = {outcome(random_program(seed), Interpreter, 3000)[0] for seed in range(300)}
    assert {"value", "memory", "limit", "unknown-helper"} <= kinds
    assert issubclass(MemoryFault, Fault)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_runs_alike_in_both(row: Row) -> None:
    """Each instruction of the table, alone, over a few operands."""
    for seed in range(6):
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
        assert outcome(insns, Interpreter, 1000) == outcome(insns, Careful, 1000), (insn, seed)
