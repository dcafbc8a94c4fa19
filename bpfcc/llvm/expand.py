"""Placeholders in LLVM's code become the instructions that they stand for.

A placeholder is a helper call with a number from ``emit.MAGIC`` on: inputs are in r1 to r5, the
result is expected in r0, r0 to r5 are dead after it. Replacing one instruction by several moves the
code behind it, so every jump is resolved to its target first and encoded again afterwards.
"""

from __future__ import annotations

from ..ir.module import Function as IrFunction
from ..ir.values import Instr
from ..isa.insn import (
    ALU64,
    CALL,
    EXIT,
    JA,
    JCOND,
    JMP,
    JMP32,
    MOV,
    R0,
    R1,
    Insn,
    K,
    X,
    slot_starts,
)
from ..support.diagnostics import Sink
from ..support.errors import InternalError
from .emit import MAGIC, Emitted

_CAST = 1  # off of the register move that converts between address spaces


class Expanded:
    """The new instructions; ``first[i]`` is where the old instruction i begins among them."""

    def __init__(self) -> None:
        self.insns: list[Insn] = []
        self.first: list[int] = []


def is_jump(insn: Insn) -> bool:
    """Tell whether ``insn`` has a jump offset."""
    cls, code = insn.opcode & 7, insn.opcode & 0xF0
    return cls in (JMP, JMP32) and not (cls == JMP and code in (CALL, EXIT))


def _is_long(insn: Insn) -> bool:
    return insn.opcode == JMP32 | JA


def expand_placeholders(
    insns: list[Insn], emitted: Emitted, function: IrFunction, sink: Sink
) -> Expanded:
    """Replace every placeholder call in ``insns``; offsets of jumps are kept right."""
    result = Expanded()
    starts = slot_starts(insns)
    index_at = {slot: i for i, slot in enumerate(starts)}
    origin: list[int | None] = []  # per new instruction: the old one, where it is one
    for i, insn in enumerate(insns):
        result.first.append(len(result.insns))
        number = insn.imm - MAGIC
        if insn.opcode == JMP | CALL and insn.src == 0 and number in emitted.placeholders:
            new = _expansion(emitted.placeholders[number].instr, function, sink)
            result.insns += new
            origin += [None] * len(new)
        else:
            result.insns.append(insn)
            origin.append(i)
    result.first.append(len(result.insns))
    if len(result.insns) == len(insns):
        return result
    new_starts = slot_starts(result.insns)
    for position, old in enumerate(origin):
        if old is None or not is_jump(insns[old]):
            continue
        insn = insns[old].copy()
        distance = insn.imm if _is_long(insn) else insn.off
        target = index_at[starts[old] + 1 + distance]
        distance = new_starts[result.first[target]] - new_starts[position] - 1
        if _is_long(insn):
            insn.imm = distance
        elif -0x8000 <= distance < 0x8000:
            insn.off = distance
        else:
            raise InternalError("a jump got too long", stage="llvm", function=function.name)
        result.insns[position] = insn
    return result


def _expansion(instr: Instr, function: IrFunction, sink: Sink) -> list[Insn]:
    if instr.op == "may_goto":
        # r0 = 1 unless the loop must be left now.
        return [
            Insn(ALU64 | MOV | K, R0, imm=1),
            Insn(JMP | JCOND, off=1),
            Insn(ALU64 | MOV | K, R0, imm=0),
        ]
    if instr.op == "addrspacecast":
        imm = instr.attrs["to"] << 16 | instr.attrs["from"]
        return [
            Insn(ALU64 | MOV | X, R0, R1),
            Insn(ALU64 | MOV | X, R0, R0, off=_CAST, imm=imm),
        ]
    sink.error(
        "bpf-asm-llvm",
        "inline assembly cannot be compiled by the llvm backend: llvmlite has no BPF assembler",
        instr.span,
    )
    return []
