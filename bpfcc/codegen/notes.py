"""Where C variables live: for messages in C words, from the names that instructions carry.

A forward dataflow over the final code: an instruction that carries a name puts that variable into
its result register, a copy, spill or reload takes the name along, anything else that writes a
register ends it.
"""

from __future__ import annotations

from ..graph.order import rpo
from ..isa import insn as _i
from ..objfile.model import Note
from .mir import CALL, FP, FrameObject, MBlock, MFunction, MInsn, clobbers, defs

_LOAD = _i.LDX | _i.MEM | _i.DW
_STORE = _i.STX | _i.MEM | _i.DW
_SLOTS = 1000

_Names = dict[int, str]  # register, or _SLOTS + frame object


def collect(function: MFunction, slots_of: dict[MBlock, list[int]], end: int) -> list[Note]:
    """Return the notes of a finished function.

    Args:
        function: blocks in final order, with machine registers.
        slots_of: for each block the slot of each instruction, and that of the block's end.
        end: slots of the whole function.
    """
    offsets = {_SLOTS + item.index: item.offset for item in function.frame}
    notes = [
        Note(0, end, item.name, None, item.offset)
        for item in function.frame
        if item.name and not item.spill and not _shares(item, function.frame)
    ]
    if not any(insn.name or insn.renames for block in function.blocks for insn in block.insns):
        return notes
    entry = _solve(function)
    open_at: dict[int, tuple[str, int]] = {}

    def close(place: int, at: int) -> None:
        name, start = open_at.pop(place)
        if at > start:
            if place < _SLOTS:
                notes.append(Note(start, at, name, place))
            else:
                notes.append(Note(start, at, name, None, offsets[place]))

    for block in function.blocks:
        slots = slots_of[block]
        names = dict(entry[block.index] or {})
        _adjust(names, slots[0], open_at, close)
        for i, insn in enumerate(block.insns):
            if insn.renames:
                names.update(insn.renames)
                _adjust(names, slots[i], open_at, close)
            if _step(insn, names):
                _adjust(names, slots[i + 1], open_at, close)
    for place in list(open_at):
        close(place, end)
    notes.sort(
        key=lambda note: (note.slot, note.end, note.name, -1 if note.reg is None else note.reg)
    )
    return notes


def _shares(item: FrameObject, frame: list[FrameObject]) -> bool:
    """Whether another variable has some of the same bytes at another time."""
    return any(
        other is not item
        and other.offset < item.offset + item.size
        and item.offset < other.offset + other.size
        for other in frame
    )


def _adjust(names: _Names, at: int, open_at: dict[int, tuple[str, int]], close: object) -> None:
    """From slot ``at`` on the variables are where ``names`` says."""
    assert callable(close)
    for place in list(open_at):
        if names.get(place) != open_at[place][0]:
            close(place, at)
    for place, name in names.items():
        if place not in open_at:
            open_at[place] = (name, at)


def _solve(function: MFunction) -> list[_Names | None]:
    succs = function.number()
    entry: list[_Names | None] = [None] * len(succs)
    entry[0] = {}
    order = rpo(succs)
    changed = True
    while changed:
        changed = False
        for index in order:
            into = entry[index]
            if into is None:
                continue
            names = dict(into)
            for insn in function.blocks[index].insns:
                _step(insn, names)
            for succ in succs[index]:
                have = entry[succ]
                if have is None:
                    entry[succ] = dict(names)
                    changed = True
                    continue
                for place in [p for p, name in have.items() if names.get(p) != name]:
                    del have[place]
                    changed = True
    return entry


def _step(insn: MInsn, names: _Names) -> bool:
    """Update ``names``; return whether anything changed."""
    changed = False
    for reg, name in insn.renames:
        names[reg] = name
        changed = True
    slot = insn.frame
    if insn.is_copy:
        name = insn.name or names.get(insn.src, "")
        return _put(names, insn.dst, name) or changed
    if slot is not None and slot.spill:
        if insn.op == _LOAD and insn.src == FP:
            return _put(names, insn.dst, names.get(_SLOTS + slot.index, "")) or changed
        if insn.op == _STORE and insn.dst == FP:
            return _put(names, _SLOTS + slot.index, names.get(insn.src, "")) or changed
    written = defs(insn) | (clobbers(insn) if insn.op == CALL or insn.op > 255 else 0)
    while written:
        low = written & -written
        written ^= low
        reg = low.bit_length() - 1
        changed |= _put(names, reg, insn.name if reg == insn.dst else "")
    return changed


def _put(names: _Names, place: int, name: str) -> bool:
    if names.get(place, "") == name:
        return False
    if name:
        names[place] = name
    else:
        del names[place]
    return True
