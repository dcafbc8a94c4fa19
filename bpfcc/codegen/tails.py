"""Tail merging: blocks that end alike share their end.

    r0 = 0                               r0 = 0 <-.
    exit      ...; r0 = 0; exit    =>    exit     '-- ...; falls through or jumps

Arithmetic, constants and the jump or exit at the end are merged. Loads and stores are only where
the pointer is the frame's or made in the common end itself: one instruction with two kinds of
pointer is refused by the kernel. Calls are not, which would lose what the kernel knows of their
map.
"""

from __future__ import annotations

from ..isa import insn as _i
from .layout import thread_jumps
from .masks import members
from .mir import ASM, EXIT, FP, JUMP, LD_IMM64, LEA, MBlock, MFunction, MInsn, defs

_Key = tuple[object, ...]
_MERGED = (_i.ALU, _i.ALU64, _i.LDX, _i.ST, _i.STX)
_MAX_ROUNDS = 50
_MAX_ALIKE = 200  # blocks compared pairwise


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
    if op in (LEA, LD_IMM64) or (op < 256 and op & 7 in _MERGED):
        if insn.core is None:
            return (op, insn.dst, insn.src, insn.off, insn.imm, insn.sym, insn.frame)
    return None


def _needs_pointer(insn: MInsn) -> int:
    """Return the register through which ``insn`` accesses memory, -1 for none or the frame."""
    cls = insn.op & 7
    if insn.op > 255 or cls not in (_i.LDX, _i.ST, _i.STX):
        return -1
    if cls == _i.STX and insn.op & 0xE0 == _i.ATOMIC and insn.imm == _i.LOAD_ACQ:
        return insn.src
    base = insn.src if cls == _i.LDX else insn.dst
    return base if base != FP else -1


def _makes_pointer(insn: MInsn) -> bool:
    return insn.op == LEA or (insn.op == LD_IMM64 and bool(insn.sym))


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
        while len(blocks) > 1:
            part, blocks = _alike(blocks)
            length = _common(part) if len(part) > 1 else 0
            if length > 1:
                _share(function, part, length)
                changed = True
    return changed


def _alike(blocks: list[MBlock]) -> tuple[list[MBlock], list[MBlock]]:
    """Split off those that share most with the first block.

    Where the last two instructions alone could not be shared, others may share more.
    """
    first = blocks[0]
    best = 1
    del blocks[_MAX_ALIKE:]
    for block in blocks[1:]:
        best = max(best, _common([first, block]))
    if best == 1:
        return [first], blocks[1:]
    together = [first]
    rest: list[MBlock] = []
    least = 2 if _valid(first.insns[-2:]) == 2 else best
    for block in blocks[1:]:
        (together if _common([first, block]) >= least else rest).append(block)
    return together, rest


def _valid(insns: list[MInsn]) -> int:
    """Return how many of the last of ``insns`` make all pointers that they access memory by."""
    start = 0
    made: dict[int, int] = {}  # register -> where its pointer was made
    for i, insn in enumerate(insns):
        pointer = _needs_pointer(insn)
        if pointer >= 0 and made.get(pointer, -1) < start:
            start = i + 1
        if insn.dst >= 0 and defs(insn) >> insn.dst & 1:
            made[insn.dst] = i if _makes_pointer(insn) else -1
        for reg in members(defs(insn) & ~(1 << max(insn.dst, 0))):
            made[reg] = -1
    return len(insns) - start


def _share(function: MFunction, blocks: list[MBlock], length: int) -> None:
    """Give ``blocks``, whose last ``length`` instructions agree, one common end."""
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
    """Return how many instructions at the end of all ``blocks`` are the same and can be shared."""
    first = blocks[0].insns
    length = 0
    while length < len(first):
        key = _key(first[-length - 1])
        if key is None:
            break
        if any(len(b.insns) <= length or _key(b.insns[-length - 1]) != key for b in blocks):
            break
        length += 1
    return _valid(first[-length:]) if length else 0
