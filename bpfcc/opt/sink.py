"""sink: a value is computed where it is first needed, while its operands are live anyway.

``i + 1`` computed before the last use of ``i`` needs a second register and a copy; computed after
it, it takes the place of ``i``. Only pure arithmetic moves, only downwards and only within its
block, so it comes to stand behind tests rather than in front of them.
"""

from __future__ import annotations

from ..ir import fold
from ..ir.module import Block, Function
from ..ir.values import Instr, Param, Value
from .context import Context

_MOVES = fold.BINARY_OPS | {"zext", "sext", "trunc", "ptradd", "bswap"}


def run(function: Function, ctx: Context) -> bool:
    """Move what gains by it; return whether anything moved."""
    del ctx
    home: dict[Value, Block] = {i: block for block in function.blocks for i in block.instrs}
    home.update((param, function.blocks[0]) for param in function.params)
    outside: set[Value] = set()  # used by a phi or in another block
    for block in function.blocks:
        for instr in block.instrs:
            phi = instr.op == "phi"
            for arg in instr.args:
                if phi or home.get(arg) is not block:
                    outside.add(arg)
    changed = False
    for block in function.blocks:
        if any(instr.op in _MOVES for instr in block.instrs[:-2]):
            changed |= _block(block, outside)
    return changed


def _block(block: Block, outside: set[Value]) -> bool:
    instrs = block.instrs
    uses: dict[Value, list[int]] = {}  # places of the uses within the block
    for i, instr in enumerate(instrs):
        if instr.op != "phi":
            for arg in instr.args:
                uses.setdefault(arg, []).append(i)
    end = len(instrs) - 1
    target: dict[int, int] = {}  # instruction number: the number that it goes in front of
    for i in range(end - 1, -1, -1):
        instr = instrs[i]
        if instr.op in _MOVES:
            to = min((target.get(n, n) for n in uses.get(instr, ())), default=end)
            if to > i + 1 and _gains(instr, i, to, uses, outside):
                target[i] = to
    if not target:
        return False
    before: dict[int, list[Instr]] = {}
    for i, instr in enumerate(instrs):
        if i in target:
            before.setdefault(target[i], []).append(instr)
    out: list[Instr] = []
    for i, instr in enumerate(instrs):
        if i not in target:
            out.extend(before.get(i, ()))
            out.append(instr)
    block.instrs = out
    return True


def _gains(
    instr: Instr, i: int, to: int, uses: dict[Value, list[int]], outside: set[Value]
) -> bool:
    """Return whether an operand outlives ``instr``, and moving it to ``to`` keeps none alive more.

    (A sole operand may live on in place of the result.)
    """
    operands = {arg for arg in instr.args if isinstance(arg, (Instr, Param))}
    outlives = longer = 0
    for arg in operands:
        last = uses[arg][-1]
        outlives += arg in outside or last > i
        longer += arg not in outside and last < to
    return outlives > 0 and (longer == 0 or len(operands) == 1)
