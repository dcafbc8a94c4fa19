"""Tail merging: blocks that end alike share their end.

    r0 = 0                               r0 = 0 <-.
    exit      ...; r0 = 0; exit    =>    exit     '-- ...; falls through or jumps

Only arithmetic, constants and the jump or exit at the end are merged. Loads and stores through
pointers never are: one instruction with two kinds of pointer is refused by the kernel. Nor are
calls, which would lose what the kernel knows of their map.
"""

from __future__ import annotations

from ..isa import insn as _i
from .layout import thread_jumps
from .mir import ASM, EXIT, JUMP, LD_IMM64, LEA, MBlock, MFunction, MInsn

_Key = tuple[object, ...]
_MAX_ROUNDS = 50


def merge_tails(function: MFunction) -> None:
    """Share equal ends of blocks.

    Requires: registers are machine registers; jumps are threaded.
    Ensures: the same; blocks are numbered.
    """
    for _ in range(_MAX_ROUNDS):
        if not _merge_once(function):
            return
        thread_jumps(function)


def _key(insn: MInsn) -> _Key | None:
    """Return what ``insn`` does, or None if it must not be merged with an equal one."""
    op = insn.op
    if op in (JUMP, EXIT):
        return (op, insn.extra, *(insn.targets or ()))
    if op in (LEA, LD_IMM64) or (op < 256 and op & 7 in (_i.ALU, _i.ALU64)):
        if insn.core is None:
            return (op, insn.dst, insn.src, insn.off, insn.imm, insn.sym, insn.frame)
    return None


def _merge_once(function: MFunction) -> bool:
    """Merge one round of tails; return whether any was."""
    groups: dict[_Key, list[MBlock]] = {}
    for block in function.blocks:
        insns = block.insns
        end = _key(insns[-1])
        if end is None or insns[-1].op == ASM:
            continue
        before = _key(insns[-2]) if len(insns) > 1 else None
        if before is not None:
            groups.setdefault((end, before), []).append(block)
    changed = False
    for blocks in groups.values():
        if len(blocks) > 1:
            _share(function, blocks)
            changed = True
    return changed


def _share(function: MFunction, blocks: list[MBlock]) -> None:
    """Give ``blocks``, whose last two instructions agree, one common end."""
    length = _common(blocks)
    home = next((b for b in blocks if len(b.insns) == length and b is not function.blocks[0]), None)
    if home is None:
        first = blocks[0]
        home = MBlock(f"{first.name}.tail")
        home.insns = first.insns[-length:]
        home.depth, home.cold = first.depth, first.cold
        function.blocks.append(home)
    for block in blocks:
        if block is home:
            continue
        home.depth = min(home.depth, block.depth)
        home.cold = home.cold and block.cold
        goto = MInsn(JUMP)
        goto.targets = [home]
        goto.span = block.insns[-length].span
        goto.renames = block.insns[-length].renames
        block.insns[-length:] = [goto]


def _common(blocks: list[MBlock]) -> int:
    """Return how many instructions at the end of all ``blocks`` are the same."""
    first = blocks[0].insns
    length = 2
    while length < len(first):
        key = _key(first[-length - 1])
        if key is None:
            break
        if any(len(b.insns) <= length or _key(b.insns[-length - 1]) != key for b in blocks):
            break
        length += 1
    return length
