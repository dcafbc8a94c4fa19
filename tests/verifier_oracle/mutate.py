"""One defect at a time: small changes of a program's instructions that keep its length.

Each mutator returns True when it changed something at the instruction it was given.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from bpfcc.isa import insn as isa
from bpfcc.isa.insn import Insn
from bpfcc.uapi.helpers import HELPERS

_CONDITIONS = (0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xA0, 0xB0, 0xC0, 0xD0)
_OPERATIONS = (0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xA0, 0xB0, 0xC0)
_NEAR = (-8, -4, -2, -1, 1, 2, 4, 8)

Mutator = Callable[[Insn, random.Random], bool]


def _klass(insn: Insn) -> int:
    return insn.opcode & 7


def _is_test(insn: Insn) -> bool:
    return _klass(insn) in (isa.JMP, isa.JMP32) and insn.opcode & 0xF0 in _CONDITIONS


def _nothing(insn: Insn) -> None:
    insn.opcode, insn.dst, insn.src, insn.off, insn.imm = isa.JMP | isa.JA, 0, 0, 0, 0


def drop_test(insn: Insn, rng: random.Random) -> bool:
    """Never, or always, take a branch."""
    if not _is_test(insn):
        return False
    off = insn.off if rng.random() < 0.4 else 0
    _nothing(insn)
    insn.off = off
    return True


def other_test(insn: Insn, rng: random.Random) -> bool:
    """Compare otherwise: < for <=, signed for unsigned, the inverse."""
    if not _is_test(insn):
        return False
    insn.opcode = insn.opcode & ~0xF0 | rng.choice(_CONDITIONS)
    return True


def narrow_test(insn: Insn, rng: random.Random) -> bool:
    """Compare 32 bits for 64 or the other way round."""
    if not _is_test(insn):
        return False
    insn.opcode ^= isa.JMP ^ isa.JMP32
    return True


def other_constant(insn: Insn, rng: random.Random) -> bool:
    """Another bound, mask, size, key or offset."""
    if insn.opcode == isa.LD_IMM64 or _klass(insn) not in (isa.ALU, isa.ALU64, isa.JMP, isa.JMP32):
        return False
    if insn.opcode & isa.X or insn.opcode & 0xF0 in (isa.CALL, isa.EXIT, isa.JA, isa.NEG, isa.END):
        if _klass(insn) in (isa.JMP, isa.JMP32) or insn.opcode & isa.X:
            return False
    insn.imm = rng.choice(
        (insn.imm + rng.choice(_NEAR), insn.imm * 2 + 1, -insn.imm, 0, rng.choice((255, 4096, -1)))
    )
    insn.imm = max(-(1 << 31), min((1 << 31) - 1, insn.imm))
    return True


def drop(insn: Insn, rng: random.Random) -> bool:
    """Skip an instruction: an initialiser, a store, a mask, a call."""
    if insn.slots != 1 or insn.opcode == isa.JMP | isa.EXIT:
        return False
    _nothing(insn)
    return True


def _is_memory(insn: Insn) -> bool:
    return _klass(insn) in (isa.LDX, isa.ST, isa.STX)


def other_offset(insn: Insn, rng: random.Random) -> bool:
    """Access memory beside."""
    if not _is_memory(insn):
        return False
    insn.off = max(
        -(1 << 15), min((1 << 15) - 1, insn.off + rng.choice(_NEAR) * rng.choice((1, 8)))
    )
    return True


def other_size(insn: Insn, rng: random.Random) -> bool:
    """Access more or fewer bytes."""
    if not _is_memory(insn):
        return False
    insn.opcode = insn.opcode & ~0x18 | rng.choice((0x00, 0x08, 0x10, 0x18))
    return True


def other_source(insn: Insn, rng: random.Random) -> bool:
    """Use another register: another argument, pointer or index."""
    if insn.opcode == isa.LD_IMM64 or not (
        insn.opcode & isa.X or _klass(insn) in (isa.LDX, isa.STX)
    ):
        return False
    if insn.opcode & 0xF0 == isa.CALL and _klass(insn) == isa.JMP:
        return False
    insn.src = rng.randrange(11)
    return True


def other_target(insn: Insn, rng: random.Random) -> bool:
    """Put the result elsewhere."""
    if insn.opcode & 7 in (isa.JMP, isa.JMP32) and not _is_test(insn):
        return False
    insn.dst = rng.randrange(10)
    return True


def other_operation(insn: Insn, rng: random.Random) -> bool:
    """Subtract for add, or for and, 32 bits for 64."""
    if _klass(insn) not in (isa.ALU, isa.ALU64) or insn.opcode & 0xF0 in (isa.END, isa.NEG):
        return False
    if insn.off:
        return False
    if rng.random() < 0.3:
        insn.opcode ^= isa.ALU ^ isa.ALU64
    else:
        insn.opcode = insn.opcode & ~0xF0 | rng.choice(_OPERATIONS)
    return True


def other_helper(insn: Insn, rng: random.Random) -> bool:
    """Call something else."""
    if insn.opcode != isa.JMP | isa.CALL or insn.src:
        return False
    insn.imm = rng.choice(HELPERS).id
    return True


def other_jump(insn: Insn, rng: random.Random) -> bool:
    """Jump a little less or more far."""
    if not _is_test(insn) and insn.opcode != isa.JMP | isa.JA:
        return False
    insn.off = max(-(1 << 15), min((1 << 15) - 1, insn.off + rng.choice(_NEAR)))
    return True


MUTATORS: tuple[Mutator, ...] = (
    drop_test, drop_test, other_test, other_test, narrow_test, other_constant, other_constant, drop,
    drop, other_offset, other_size, other_source, other_source, other_target, other_operation,
    other_helper, other_jump,
)  # fmt: skip


def mutate(insns: list[Insn], rng: random.Random) -> str:
    """Change one instruction of ``insns`` in place; return what was done, "" for nothing."""
    for _ in range(40):
        at = rng.randrange(len(insns))
        mutator = rng.choice(MUTATORS)
        insn = insns[at].copy()
        if mutator(insn, rng) and insn != insns[at]:
            insns[at] = insn
            return f"{mutator.__name__}@{at}"
    return ""
