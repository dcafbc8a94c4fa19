"""Loops of one block whose addresses move by constant steps: their bounds are tested once.

Before such a loop runs, the number of turns is computed for which every access stays in its window
and the limit is not near; that many turns then run with no tests but the program's own.
"""

from __future__ import annotations

from ..isa import table as _t
from ..vm.code import Block, Code
from .jit_facts import Facts, advance

_PLAIN = frozenset({_t.ALU, _t.NEG, _t.MOVSX, _t.END, _t.LDDW, _t.LDX, _t.LDSX, _t.ST, _t.STX})
FEWEST_TURNS = 4  # below this the computation costs more than it saves


class Sweep:
    """Accesses of one register in one window, as the loop goes: ``step`` bytes per turn.

    ``reg`` is the register at the start of a turn; the accesses lie at ``offset`` from it.
    """

    __slots__ = ("offset", "reg", "size", "step", "window")

    def __init__(self, window: str, reg: int, step: int, offset: int, size: int) -> None:
        self.window = window
        self.reg = reg
        self.step = step
        self.offset = offset
        self.size = size


def window_name(group: str, access: int) -> str:
    """Return the window of a pointer group: reads have their own, for they may be of constants."""
    return f"w.{group}w" if access else f"w.{group}"


def sweeps(code: Code, number: int, block: Block, facts: Facts) -> list[Sweep] | None:
    """Return what a turn of the loop ``block`` accesses; None when it does not fit the scheme.

    Args:
        code: the program.
        number: of the block.
        block: it.
        facts: what holds at its start.
    """
    last = block.end - 1
    if code.rows[last].kind != _t.JUMP or block.succs.count(number) != 1:
        return None
    facts = facts.copy()
    places: list[tuple[int, int] | None] = [(reg, 0) for reg in range(11)]
    found: list[tuple[str, tuple[int, int], int]] = []
    for i in range(block.first, last):
        insn, row = code.insns[i], code.rows[i]
        if row.kind not in _PLAIN or i in code.unresolved:
            return None
        if row.size and row.kind in (_t.LDX, _t.LDSX, _t.ST, _t.STX):
            load = row.kind in (_t.LDX, _t.LDSX)
            reg = insn.src if load else insn.dst
            frame = facts.frames[reg]
            if frame is None:
                place = places[reg]
                if place is None:
                    return None
                window = window_name(facts.groups[reg], 0 if load else 1)
                found.append((window, (place[0], place[1] + insn.off), row.size))
            elif not -512 <= frame + insn.off <= -row.size:
                return None
        if "dst" in row.writes:
            places[insn.dst] = _moved(code, i, places)
        advance(code, i, facts)
    result: list[Sweep] = []
    for window, (reg, offset), size in found:
        end = places[reg]
        if end is None or end[0] != reg:
            return None
        if not any(
            (one.window, one.reg, one.offset, one.size) == (window, reg, offset, size)
            for one in result
        ):
            result.append(Sweep(window, reg, end[1], offset, size))
    return result


def _moved(code: Code, i: int, places: list[tuple[int, int] | None]) -> tuple[int, int] | None:
    insn, row = code.insns[i], code.rows[i]
    if row.kind != _t.ALU or row.width != 64:
        return None
    if row.op == "mov" and row.reg:
        return places[insn.src]
    place = places[insn.dst]
    if row.op in ("add", "sub") and not row.reg and place is not None:
        return place[0], place[1] + (insn.imm if row.op == "add" else -insn.imm)
    return None


def arms(blocks: list[Block]) -> set[int]:
    """Return the blocks that only one conditional jump, and a forward one, leads to."""
    ways: dict[int, int] = {}
    for block in blocks:
        for succ in block.succs:
            ways[succ] = ways.get(succ, 0) + 1
    return {
        succ
        for block in blocks
        if len(block.succs) == 2
        for succ in block.succs
        if ways[succ] == 1 and blocks[succ].first >= block.end
    }
