"""What is known of the registers at each instruction before native code is made.

For every reachable block: which registers are r10 plus a constant (their accesses need no test),
and which window each register's accesses share. Windows follow pointers through copies and
additions; where paths with different ones join, the join has its own.
"""

from __future__ import annotations

from ..isa import table as _t
from ..isa.insn import Insn
from ..isa.table import Row
from ..vm.code import Block, Code

_REACH = 1 << 16  # offsets from r10 beyond this are not followed


class Facts:
    """Per register r0 to r10: ``frames`` offset from r10 or None, ``groups`` window name.

    ``narrow``: the value surely fits 32 bits, so it is no pointer but an index.
    """

    __slots__ = ("frames", "groups", "narrow")

    def __init__(self, frames: list[int | None], groups: list[str], narrow: list[bool]) -> None:
        self.frames = frames
        self.groups = groups
        self.narrow = narrow

    def copy(self) -> Facts:
        """Return an equal, separate object."""
        return Facts(self.frames[:], self.groups[:], self.narrow[:])

    def set(self, reg: int, group: str, frame: int | None = None, *, narrow: bool = False) -> None:
        """Say what ``reg`` holds now."""
        self.groups[reg] = group
        self.frames[reg] = frame
        self.narrow[reg] = narrow

    def meet(self, other: Facts, place: str) -> bool:
        """Keep what holds in both; return whether that is less than before."""
        changed = False
        for reg in range(11):
            if self.frames[reg] is not None and other.frames[reg] != self.frames[reg]:
                self.frames[reg] = None
                changed = True
            if self.narrow[reg] and not other.narrow[reg]:
                self.narrow[reg] = False
                changed = True
            joined = f"{place}r{reg}"
            if other.groups[reg] != self.groups[reg] and self.groups[reg] != joined:
                self.groups[reg] = joined
                changed = True
        return changed


def entry_facts() -> Facts:
    """Return what holds where a function begins: r0 and r6 to r9 are zero."""
    narrow = [reg in (0, 6, 7, 8, 9) for reg in range(11)]
    return Facts([None] * 10 + [0], [f"r{reg}" for reg in range(11)], narrow)


def advance(code: Code, i: int, facts: Facts) -> None:
    """Bring ``facts`` from before instruction ``i`` to after it."""
    insn, row = code.insns[i], code.rows[i]
    kind = row.kind
    if kind == _t.ALU:
        _alu(i, insn, row, facts)
    elif kind in (_t.NEG, _t.MOVSX):
        facts.set(insn.dst, f"i{i}", narrow=row.width == 32)
    elif kind == _t.END:
        facts.set(insn.dst, f"i{i}", narrow=row.size < 8)
    elif kind == _t.LDDW:
        facts.set(insn.dst, f"i{i}", narrow=code.values.get(i, 1 << 40) < 1 << 32)
    elif kind in (_t.LDX, _t.LOAD_ACQ):
        facts.set(insn.dst, f"i{i}", narrow=row.size < 4)
    elif kind in (_t.LDSX, _t.CAST):
        facts.set(insn.dst, f"i{i}")
    elif kind == _t.LDABS:
        facts.set(0, f"i{i}", narrow=True)
    elif kind == _t.ATOMIC:
        if row.op == "cmpxchg":
            facts.set(0, f"i{i}")
        elif row.op == "xchg" or row.op.startswith("fetch_"):
            facts.set(insn.src, f"i{i}")
    elif kind == _t.CALL:
        facts.set(0, f"i{i}")


def _alu(i: int, insn: Insn, row: Row, facts: Facts) -> None:
    dst, new = insn.dst, f"i{i}"
    if row.width == 32:
        facts.set(dst, new, narrow=True)
        return
    if row.op == "mov":
        if row.reg:
            src = insn.src
            facts.set(dst, facts.groups[src], facts.frames[src], narrow=facts.narrow[src])
        else:
            facts.set(dst, new, narrow=insn.imm >= 0)
        return
    if row.op not in ("add", "sub"):
        small = (row.op in ("rsh", "div", "mod") and facts.narrow[dst]) or (
            row.op == "and" and (facts.narrow[dst] or (not row.reg and insn.imm >= 0))
        )
        facts.set(dst, new, narrow=small)
        return
    if not row.reg:
        frame = facts.frames[dst]
        if frame is not None:
            frame += insn.imm if row.op == "add" else -insn.imm
            if not -_REACH < frame < _REACH:
                frame = None
        facts.set(dst, facts.groups[dst], frame)
        return
    if facts.narrow[insn.src]:
        facts.set(dst, facts.groups[dst])
    elif row.op == "add" and facts.narrow[dst]:
        facts.set(dst, facts.groups[insn.src])
    else:  # either may be the pointer
        facts.set(dst, new)


def solve(code: Code, blocks: list[Block]) -> list[Facts | None]:
    """Return the facts at the start of each block; None for those that nothing reaches."""
    known: list[Facts | None] = [None] * len(blocks)
    known[0] = entry_facts()
    work = [0]
    while work:
        number = work.pop()
        block = blocks[number]
        facts = known[number]
        assert facts is not None
        facts = facts.copy()
        for i in range(block.first, block.end):
            advance(code, i, facts)
        for succ in block.succs:
            held = known[succ]
            if held is None:
                known[succ] = facts.copy()
                work.append(succ)
            elif held.meet(facts, f"b{succ}"):
                work.append(succ)
    return known


def accessed(insn: Insn, row: Row) -> tuple[int, int]:
    """Return (register, access) of a memory instruction, (-1, 0) of others."""
    if row.kind in (_t.LDX, _t.LDSX):
        return insn.src, 0
    if row.kind in (_t.ST, _t.STX):
        return insn.dst, 1
    return -1, 0
