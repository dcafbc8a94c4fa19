"""The path that led to a rejection, and where on it a register got its value.

The state keeps where control did not fall through (``State.history``) and the checkpoint before it,
which is enough to walk back instruction by instruction, as the kernel's precision tracking does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..uapi.helpers import by_id
from .state import ACCESS, LINKED, State

if TYPE_CHECKING:
    from .checker import Checker

_LONGEST = 20_000


def walk_back(ck: Checker, idx: int) -> Iterator[int]:
    """Yield the instructions executed up to and including ``idx``, the last one first."""
    state: State = ck.state
    history = [entry for entry in state.history if entry[1] not in (ACCESS, LINKED)]
    current, first = idx, state.first
    for _ in range(_LONGEST):
        if not 0 <= current < len(ck.insns):
            return
        yield current
        # A jump to the checkpoint's own instruction is noted behind the checkpoint.
        if current == first and (not history or (len(history) == 1 and history[0][0] == current)):
            parent = state.parent
            if parent is None:
                return
            state = parent.state
            history = [entry for entry in state.history if entry[1] not in (ACCESS, LINKED)]
            current, first = state.prev, state.first
            continue
        if history and history[-1][0] == current:
            current = history.pop()[1]
        else:
            current -= 1


def callee(ck: Checker, idx: int) -> str:
    """Return the name of the function that instruction ``idx`` calls, "" if it is no call."""
    if not 0 <= idx < len(ck.insns):
        return ""
    insn = ck.insns[idx]
    if insn.opcode != isa.JMP | isa.CALL:
        return ""
    subject = ck.subject
    if insn.src == isa.PSEUDO_CALL:
        target = subject.index_of.get(subject.slots[idx] + 1 + insn.imm)
        return subject.sub_at(target).name if target is not None else ""
    if insn.src == isa.PSEUDO_KFUNC_CALL:
        relocs = subject.program.relocs if subject.program is not None else ()
        return next((r.symbol or "" for r in relocs if r.slot == subject.slots[idx]), "")
    helper = by_id.get(insn.imm)
    return helper.name if helper is not None else ""


class Origin:
    """Where a value came from.

    ``idx``: the instruction; ``what``: "call" (a function's result), "load" (from memory that is no
    local variable), "constant", "arithmetic", "argument" (of the program or a global function),
    "unwritten". ``moved``: instructions between that changed it by arithmetic.
    """

    __slots__ = ("idx", "moved", "what")

    def __init__(self, idx: int, what: str, moved: list[int]) -> None:
        self.idx = idx
        self.what = what
        self.moved = moved


def origin(ck: Checker, idx: int, reg: int) -> Origin:
    """Return where register ``reg``, as instruction ``idx`` reads it, got its value."""
    wanted: int | tuple[str, int] = reg
    depth = 0  # calls entered backwards below the wanted register's frame
    moved: list[int] = []
    after = last = idx
    for at in walk_back(ck, idx):
        insn = ck.insns[at]
        if at == idx:
            continue
        after, last = last, at
        klass, op = insn.opcode & 7, insn.opcode & 0xF0
        if klass == isa.JMP and op == isa.EXIT:
            if wanted == 0 and depth == 0:
                continue  # the result of a function: go on inside it
            depth += 1
            continue
        if insn.opcode == isa.JMP | isa.CALL:
            local = insn.src == isa.PSEUDO_CALL
            if local and depth:
                depth -= 1
                continue
            if depth:
                continue
            if wanted == 0:  # a function of the program that was entered ended with EXIT
                return Origin(at, "call", moved)
            if not local and isinstance(wanted, int) and 1 <= wanted <= 5:
                if after != at + 1:
                    return Origin(at, "argument", moved)  # of a callback
                return Origin(at, "unwritten", moved)
            continue
        if depth:
            continue
        found = _step(ck, at, wanted, moved)
        if isinstance(found, str):
            return Origin(at, found, moved)
        wanted = found
    return Origin(last, "argument", moved)


def _step(
    ck: Checker, at: int, wanted: int | tuple[str, int], moved: list[int]
) -> int | tuple[str, int] | str:
    """Look at one instruction: the next thing wanted, or the kind of origin."""
    insn = ck.insns[at]
    klass, op = insn.opcode & 7, insn.opcode & 0xF0
    if isinstance(wanted, tuple):
        if klass == isa.STX and insn.dst == 10 and insn.off == wanted[1]:
            return insn.src
        if klass == isa.ST and insn.dst == 10 and insn.off == wanted[1]:
            return "constant"
        return wanted
    if insn.opcode == isa.LD_IMM64 and insn.dst == wanted:
        return "constant"
    if klass == isa.LDX and insn.dst == wanted:
        return ("slot", insn.off) if insn.src == 10 else "load"
    if klass in (isa.ALU, isa.ALU64) and insn.dst == wanted:
        if op == isa.MOV:
            return insn.src if insn.opcode & isa.X else "constant"
        moved.append(at)
        if op in (isa.DIV, isa.MOD, isa.XOR, isa.OR, isa.MUL):
            return "arithmetic"
    return wanted
