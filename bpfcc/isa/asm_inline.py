"""Inline assembly: a text with all its operands filled in becomes instructions of a function."""

from __future__ import annotations

from ..support.errors import InputError
from . import insn as _i
from .asm import assemble

_JUMPS = (_i.JMP, _i.JMP32)


class InlineCode:
    """Instructions, and what in them points elsewhere, by instruction number.

    ``jumps`` are (instruction, number of the label); ``relocs`` are (instruction, "data" or "call",
    symbol, addend).
    """

    __slots__ = ("insns", "jumps", "relocs")

    def __init__(self) -> None:
        self.insns: list[_i.Insn] = []
        self.jumps: list[tuple[int, int]] = []
        self.relocs: list[tuple[int, str, str, int]] = []


def assemble_inline(text: str, labels: list[str], *, big_endian: bool = False) -> InlineCode:
    """Assemble ``text``, in which ``labels`` are places outside of it.

    Raises: InputError for what the assembler cannot read, or a jump past the end.
    """
    # Labels of the C code stand behind the text, after a filler: jumps there are theirs.
    tail = "\nexit\n" + "".join(f"{label}: exit\n" for label in labels)
    result = assemble(text + tail, big_endian=big_endian)
    code = InlineCode()
    n = len(result.insns) - 1 - len(labels)
    starts = _i.slot_starts(result.insns)
    number = {slot: i for i, slot in enumerate(starts)}
    code.insns = result.insns[:n]
    for i, insn in enumerate(code.insns):
        if insn.opcode & 7 not in _JUMPS or insn.opcode & 0xF0 in (_i.CALL, _i.EXIT):
            continue
        distance = insn.imm if insn.opcode == _i.JMP32 | _i.JA else insn.off
        target = starts[i] + 1 + distance
        if target > starts[n]:
            label = number.get(target, 0) - n - 1
            if not 0 <= label < len(labels):
                raise InputError("a jump leaves the assembly")
            code.jumps.append((i, label))
    for reloc in result.relocs:
        code.relocs.append((number[reloc.slot], reloc.kind, reloc.symbol, reloc.addend))
    return code
