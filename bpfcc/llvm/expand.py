"""Inline assembly is put into LLVM's code where LLVM left its place.

Putting in instructions moves the code behind them, so every jump is encoded again; where it leads
is read from the listing, because a statement between two labels takes no room in LLVM's own code.
"""

from __future__ import annotations

from ..ir.module import Function as IrFunction
from ..ir.values import CoreConst
from ..isa.insn import CALL, EXIT, JA, JMP, JMP32, Insn, slot_starts
from ..support.diagnostics import Sink
from ..support.errors import InternalError
from .emit import Emitted
from .inline_asm import Listing, Statement


class Expanded:
    """The new instructions.

    ``first[i]`` is where the old instruction i is among them. ``relocs`` are those of the assembly:
    (instruction, "data" or "call", symbol, addend), ``core`` its (instruction, CO-RE number).
    ``lines`` are (instruction, line number).
    """

    def __init__(self) -> None:
        self.insns: list[Insn] = []
        self.first: list[int] = []
        self.relocs: list[tuple[int, str, str, int]] = []
        self.core: list[tuple[int, CoreConst]] = []
        self.lines: list[tuple[int, int]] = []


def is_jump(insn: Insn) -> bool:
    """Tell whether ``insn`` has a jump offset."""
    cls, code = insn.opcode & 7, insn.opcode & 0xF0
    return cls in (JMP, JMP32) and not (cls == JMP and code in (CALL, EXIT))


def _is_long(insn: Insn) -> bool:
    return insn.opcode == JMP32 | JA


def expand(
    insns: list[Insn], listing: Listing | None, emitted: Emitted, function: IrFunction, sink: Sink
) -> Expanded:
    """Put the statements of ``listing`` into ``insns``; jumps are led to where they led."""
    if listing is None or not any(line in emitted.statements for _, line in listing.at):
        result = Expanded()
        result.insns = insns
        result.first = list(range(len(insns) + 1))
        return result
    if listing.count != len(insns):
        raise InternalError(
            f"{listing.count} instructions in the listing, {len(insns)} in the object",
            stage="llvm",
            function=function.name,
        )
    return _Expansion(insns, listing, emitted, function.name, sink).run()


class _Expansion:
    def __init__(
        self, insns: list[Insn], listing: Listing, emitted: Emitted, name: str, sink: Sink
    ) -> None:
        self.insns = insns
        self.listing = listing
        self.emitted = emitted
        self.name = name
        self.sink = sink
        self.result = Expanded()
        self.before: list[int] = []  # per member of listing.at: where it begins
        self.leads: dict[int, str] = {}  # new instruction -> label

    def run(self) -> Expanded:
        result, at = self.result, self.listing.at
        for i, insn in enumerate([*self.insns, None]):
            while len(self.before) < len(at) and at[len(self.before)][0] == i:
                self._put(at[len(self.before)][1])
            result.first.append(len(result.insns))
            if insn is not None:
                if is_jump(insn):
                    self.leads[len(result.insns)] = self.listing.jumps[i]
                result.insns.append(insn)
        starts = slot_starts(result.insns)
        for position, label in self.leads.items():
            distance = starts[self._place_of(label)] - starts[position] - 1
            result.insns[position] = _led(result.insns[position], distance, self.name)
        return result

    def _put(self, line: int) -> None:
        """Append the statement of a line number, if there is one."""
        self.before.append(len(self.result.insns))
        made = self.emitted.statements.get(line)
        if made is None:
            return
        for number, label in made.code.jumps:
            head = self.listing.heads.get(made.marks[label], "")
            if not head:
                raise InternalError("a label is lost", stage="llvm", function=self.name)
            self.leads[len(self.result.insns) + number] = head
        _append(self.result, made, line, self.sink)

    def _place_of(self, label: str) -> int:
        count, statements = self.listing.labels[label]
        at = self.listing.at
        if statements < len(at) and at[statements][0] == count:
            return self.before[statements]
        return self.result.first[count]


def _led(insn: Insn, distance: int, function: str) -> Insn:
    """Return a jump with another distance."""
    insn = insn.copy()
    if _is_long(insn):
        insn.imm = distance
    elif -0x8000 <= distance < 0x8000:
        insn.off = distance
    else:
        raise InternalError("a jump got too long", stage="llvm", function=function)
    return insn


def _append(result: Expanded, made: Statement, line: int, sink: Sink) -> None:
    base = len(result.insns)
    if made.code.insns:
        result.lines.append((base, line))
    if made.core is not None:
        result.core.append((base, made.core))
    result.insns += [insn.copy() for insn in made.code.insns]
    for number, kind, symbol, addend in made.code.relocs:
        result.relocs.append((base + number, kind, symbol, addend))
    for message in made.errors:
        sink.error("bpf-asm", message, made.instr.span)


def naked(function: IrFunction, emitted: Emitted, sink: Sink) -> Expanded:
    """Return the code of a naked function: its assembly and nothing else."""
    result = Expanded()
    for made in emitted.naked[function.name]:
        _append(result, made, 0, sink)
    return result
