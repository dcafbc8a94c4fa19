"""What the analysis knows at each C line: variables, their values, how often it came by.

A ``Facts`` watches one analysis. Before the first instruction of a C line is taken it notes what the
registers and stack slots of the current function hold, under the names of the C variables where the
object tells them; over all paths that reach the line, numbers become one range.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..objfile.model import Function, Line
from . import regs
from .phrases import describe
from .regs import BASE, NOT_INIT, SCALAR, Reg
from .state import INVALID, MISC, SPILL, ZERO, Slot, Special

if TYPE_CHECKING:
    from .bounds import Val
    from .checker import Checker
    from .explore import Piece
    from .subject import Subject

    LineKey = tuple[str, int]

_VARIANTS = 4
_ALL64 = (1 << 64) - 1
_ALL32 = (1 << 32) - 1


class Known:
    """What is known of one variable at one line: texts of pointers, one range for numbers."""

    __slots__ = ("more", "numbers", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.numbers: tuple[int, int, int, int, int] | None = None  # smin smax umin umax low bits
        self.more = False

    def add(self, text: str) -> None:
        """Add what holds on one more path."""
        if text not in self.texts:
            if len(self.texts) < _VARIANTS:
                self.texts.append(text)
            else:
                self.more = True

    def add_number(self, val: Val) -> None:
        """Widen the range by another path's value."""
        low = (val.v | val.m) & -(val.v | val.m) if val.v | val.m else 0
        new = (val.smin, val.smax, val.umin, val.umax, low)
        old = self.numbers
        if old is not None:
            lows = [x for x in (old[4], low) if x]
            new = (
                min(old[0], new[0]),
                max(old[1], new[1]),
                min(old[2], new[2]),
                max(old[3], new[3]),
                min(lows, default=0),
            )
        self.numbers = new

    def text(self) -> str:
        """Return it in words."""
        parts = list(self.texts)
        if self.numbers is not None:
            parts.insert(0, _range(self.numbers))
        return " or ".join(parts) + (" or else" if self.more else "")


class LineFacts:
    """One C line: how many instructions it has, how many were processed, what is known there."""

    __slots__ = ("instructions", "known", "line", "processed", "visits")

    def __init__(self, line: Line) -> None:
        self.line = line
        self.instructions = 0
        self.processed = 0
        self.visits = 0
        self.known: dict[str, Known] = {}


class Facts:
    """Watches the analysis of one program; ``lines`` by (file, number), in order of the code."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._first: dict[int, LineFacts] = {}
        self._line: list[LineFacts | None] = []
        self.lines: dict[LineKey, LineFacts] = {}
        before: LineFacts | None = None
        for idx, slot in enumerate(subject.slots[: len(subject.insns)]):
            line = subject.program.line_at(slot) if subject.program is not None else None
            found = self._of(line) if line is not None and line.line else None
            self._line.append(found)
            if found is not None:
                found.instructions += 1
                if found is not before:
                    self._first[idx] = found
            before = found

    def _of(self, line: Line) -> LineFacts:
        key = (line.file, line.line)
        found = self.lines.get(key)
        if found is None:
            found = self.lines[key] = LineFacts(line)
        return found

    # ------------------------------------------------------------------ watching
    def watch(self, ck: Checker, start: int, piece: Piece) -> None:
        """Put this observer before every step of a piece that starts at instruction ``start``."""
        piece.steps = [self._before(ck, start + i, s) for i, s in enumerate(piece.steps)]
        if piece.jump is not None:
            piece.jump = self._before(ck, piece.last, piece.jump)

    def _before(self, ck: Checker, idx: int, step: Callable[[list[Reg]], Any]) -> Any:
        counted = self._line[idx]
        noted = self._first.get(idx)
        if counted is None:
            return step
        names = _Names(self._subject, self._subject.slots[idx])

        def watched(registers: list[Reg]) -> Any:
            counted.processed += 1
            if noted is not None:
                _note(ck, noted, names)
            return step(registers)

        return watched


def _note(ck: Checker, at: LineFacts, names: _Names) -> None:
    at.visits += 1
    for number, reg in enumerate(ck.frame.regs[:10]):
        name = names.register(number) if reg.t != NOT_INIT else ""
        if name:
            _add(at, name, reg, names)
    for spi, item in enumerate(ck.frame.stack):
        name, first = names.stack(-8 * (spi + 1)) if item is not None else ("", 0)
        if not name:
            continue
        if isinstance(item, Reg):
            _add(at, name, item, names)
        elif isinstance(item, Slot):
            known = at.known.setdefault(name, Known())
            kinds = item.kinds[first:]
            if isinstance(item.reg, Reg) and item.reg.t == SCALAR and SPILL in kinds:
                known.add_number(item.reg.v)
            else:
                known.add(_slot(item, kinds))


def _add(at: LineFacts, name: str, reg: Reg, names: _Names) -> None:
    known = at.known.setdefault(name, Known())
    if reg.t == SCALAR:
        known.add_number(reg.v)
    else:
        known.add(_pointer(reg, names))


class _Names:
    """The C variables in registers and stack slots at one place of the code.

    An object that does not tell them (another compiler's) has registers r0 to r9 and offsets.
    """

    def __init__(self, subject: Subject, slot: int) -> None:
        self._registers: dict[int, str] = {}
        self._offsets: list[tuple[int, str]] = []
        function, at = _function(subject, slot)
        self.told = function is not None and bool(function.notes)
        for note in function.notes if function is not None else ():
            if not note.slot <= at < note.end:
                continue
            if note.reg is not None:
                self._registers[note.reg] = note.name
            else:
                self._offsets.append((note.stack, note.name))
        self._offsets.sort()

    def register(self, number: int) -> str:
        """Return the variable in a register; "" when none is known to be there."""
        name = self._registers.get(number, "")
        return name if name or self.told else f"r{number}"

    def stack(self, offset: int) -> tuple[str, int]:
        """Return the variable in the slot at ``offset``, "key" or "buf+8", and its first byte there."""
        best, first = "", 0
        for start, name in self._offsets:
            if start < offset + 8:
                best = name if start >= offset else f"{name}+{offset - start}"
                first = max(start - offset, 0)
        return (best, first) if best or self.told else (f"stack{offset}", 0)


def _function(subject: Subject, slot: int) -> tuple[Function | None, int]:
    """Return the function at a slot of the program, and the slot counted from its start."""
    program = subject.program
    for part in program.functions if program is not None else ():
        if part.start <= slot < part.end:
            return part.function, slot - part.start
    return None, slot


def _pointer(reg: Reg, names: _Names) -> str:
    text = describe(reg)
    base = reg.t & BASE
    offset = reg.off + (reg.v.v if not reg.v.m else 0)
    if base == regs.STACK:
        name = names.stack(offset & -8)[0] if offset < 0 else ""
        return f"the address of '{name}'" if name else f"the address of stack{offset}"
    if reg.v.m:
        low, high = reg.off + reg.v.umin, reg.off + reg.v.umax
        text += f" + ({low} to {high})" if high < 1 << 32 else " + an unknown offset"
    elif offset:
        text += f" {'+' if offset > 0 else '-'} {abs(offset)}"
    if base == regs.PKT and isinstance(reg.x, int) and reg.x > 0:
        text += f", {reg.x} bytes checked"
    return text


def _slot(item: Slot, kinds: bytes) -> str:
    """Say what is in those bytes of a slot that belong to a variable."""
    if isinstance(item.reg, Special):
        return f"a {item.reg.kind} object" if isinstance(item.reg.kind, str) else "a dynptr"
    missing = kinds.count(INVALID)
    if missing == len(kinds):
        return "not written"
    if missing:
        return f"{missing} of {len(kinds)} bytes not written"
    if all(kind == ZERO for kind in kinds):
        return "zeros"
    return "written" if MISC in kinds or SPILL in kinds else "special"


def _range(numbers: tuple[int, int, int, int, int]) -> str:
    smin, smax, umin, umax, low = numbers
    if umin == umax:
        return str(umin) if umin < 1 << 63 else str(umin - (1 << 64))
    if smin < 0 and umax > _ALL64 >> 1:
        if smin <= -(1 << 63) or smax >= (1 << 63) - 1:
            return "any number" if umin == 0 else f"at least {umin}, unsigned"
        text = f"{smin} to {smax}"
    elif umin == 0 and umax in (_ALL32, 0xFFFF, 0xFF):
        text = f"any {umax.bit_length()}-bit number"
    else:
        text = f"{umin} to {umax if umax < _ALL64 >> 1 else '2^63 - 1'}"
    return text + (f", a multiple of {low}" if low > 1 else "")
