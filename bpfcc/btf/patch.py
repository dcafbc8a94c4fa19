"""CO-RE: putting the answer to a relocation into its instruction.

Which field of an instruction takes the value depends on its class: the immediate of arithmetic and
of 16-byte loads, the offset of loads and stores. A load of a field that the target has at another
size is made to fit where that keeps the value. An instruction without an answer becomes a call that
no kernel accepts: dead code keeps it, live code is rejected at that place.
Source: libbpf's tools/lib/bpf/relo_core.c, bpf_core_patch_insn.
"""

from __future__ import annotations

from ..isa.insn import (
    ALU,
    ALU64,
    BYTES_SIZE,
    CALL,
    JMP,
    LD_IMM64,
    LDX,
    SIZE_BYTES,
    ST,
    STX,
    Insn,
    X,
)
from .relocate import CoreError, Resolved

POISON_IMM = 0xBAD2310  # of the call that replaces an instruction without a meaning


def apply(insn: Insn, resolved: Resolved, slot: int, what: str = "the field") -> list[Insn]:
    """Put the answer into ``insn``; return the instructions that stand there now.

    A poisoned 16-byte load becomes two instructions, so that slots stay where they are.
    Raises: CoreError when the instruction cannot take the value.
    """
    if resolved.new is None:
        return [Insn(JMP | CALL, imm=POISON_IMM) for _ in range(insn.slots)]
    kind = insn.opcode & 7
    if insn.opcode == LD_IMM64:
        _expect(resolved, insn.imm, 64, slot, what)
        insn.imm = resolved.new & (1 << 64) - 1
    elif kind in (ALU, ALU64) and not insn.opcode & X:
        _expect(resolved, insn.imm, 32, slot, what)
        low = resolved.new & 0xFFFFFFFF
        insn.imm = low - ((low & 0x80000000) << 1)
    elif kind in (LDX, ST, STX):
        _expect(resolved, insn.off, 16, slot, what)
        if resolved.new > 0x7FFF:
            raise CoreError(f"{what} is {resolved.new} bytes away, too far for a load", slot)
        insn.off = resolved.new
        _resize(insn, resolved, slot, what)
    else:
        raise CoreError(f"instruction {slot} (opcode {insn.opcode:#04x}) takes no relocation", slot)
    return [insn]


def _expect(resolved: Resolved, value: int, bits: int, slot: int, what: str) -> None:
    mask = (1 << bits) - 1
    if resolved.exact and value & mask != resolved.old & mask:
        raise CoreError(
            f"instruction {slot} has {value} where the object's own types say {resolved.old} for"
            f" {what}",
            slot,
        )


def _resize(insn: Insn, resolved: Resolved, slot: int, what: str) -> None:
    if resolved.old_size == resolved.new_size:
        return
    if not resolved.resizable:
        raise CoreError(
            f"{what} has {resolved.new_size} bytes in the target and {resolved.old_size} here; only"
            " pointers and unsigned integers can be read at another size",
            slot,
        )
    if SIZE_BYTES.get(insn.opcode & 0x18) != resolved.old_size:
        raise CoreError(
            f"instruction {slot} does not access all {resolved.old_size} bytes of {what}"
        )
    code = BYTES_SIZE.get(resolved.new_size)
    if code is None:
        raise CoreError(f"{what} has {resolved.new_size} bytes in the target", slot)
    insn.opcode = insn.opcode & ~0x18 | code
