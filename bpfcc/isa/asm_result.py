"""What the assembler makes of a text."""

from __future__ import annotations

from .insn import Insn


class AsmReloc:
    """The instruction at ``slot`` wants the address of ``symbol`` + ``addend``.

    ``kind`` is "data" for a wide load and "call" for a call.
    """

    __slots__ = ("addend", "kind", "slot", "symbol")

    def __init__(self, slot: int, kind: str, symbol: str, addend: int = 0) -> None:
        self.slot = slot
        self.kind = kind
        self.symbol = symbol
        self.addend = addend


class Assembly:
    """What a text assembled to.

    ``labels``: name -> slot. ``lines``: the source line (from 1) of each instruction.
    """

    __slots__ = ("insns", "labels", "lines", "relocs")

    def __init__(self) -> None:
        self.insns: list[Insn] = []
        self.labels: dict[str, int] = {}
        self.relocs: list[AsmReloc] = []
        self.lines: list[int] = []
