"""licm: costly arithmetic on values from outside a loop moves in front of it.

Only multiplications, divisions and byte swaps of integers that every turn computes: cheap
operations would only fill the ten registers. Never pointers, loads or anything that can be told
from what it was: an address computed before a null test is refused, and a result computed before
its operand is tested lacks the bound (``contract.md``); so an operation stays if the loop tests an
operand of it.
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..graph.loops import Loop, find_loops
from ..ir.module import Block, Function
from ..ir.ops import COMPARISONS
from ..ir.values import VOID, Instr, Value
from .context import Context
from .edit import insert_before_end, remove_unreachable, rename_incoming, successor_indices

_COSTLY = frozenset({"mul", "udiv", "urem", "sdiv", "srem", "bswap"})


def run(function: Function, ctx: Context) -> bool:
    """Hoist what qualifies, inner loops first; return whether anything moved."""
    del ctx
    if not any(instr.op in _COSTLY for instr in function.instrs()):
        return False
    remove_unreachable(function)
    succs = successor_indices(function)
    dom = Dominators(succs)
    blocks = list(function.blocks)
    changed = False
    for loop in find_loops(succs, 0, dom):
        found = _invariant(loop, blocks, dom)
        if not found:
            continue
        before = _preheader(function, loop, blocks)
        if before is None:
            continue
        for instr in found:
            assert instr.block is not None
            instr.block.instrs.remove(instr)
            insert_before_end(before, instr)
        changed = True
    return changed


def _invariant(loop: Loop, blocks: list[Block], dom: Dominators) -> list[Instr]:
    """Return the operations to hoist, operands before users."""
    members = {blocks[n] for n in loop.body}
    tested: set[Value] = set()
    for node in loop.body:
        for instr in blocks[node].instrs:
            if instr.op in COMPARISONS:
                tested.update(instr.args)
    found: dict[Value, None] = {}
    for node in dom.order:
        if node not in loop.body or not all(dom.dominates(node, n) for n in loop.latches):
            continue
        for instr in blocks[node].instrs:
            if instr.op not in _COSTLY or any(arg in tested for arg in instr.args):
                continue
            if all(
                not isinstance(arg, Instr) or arg in found or arg.block not in members
                for arg in instr.args
            ):
                found[instr] = None
    return [value for value in found if isinstance(value, Instr)]


def _preheader(function: Function, loop: Loop, blocks: list[Block]) -> Block | None:
    """Return a block that leads only to the loop, made if needed; None where that is not easy."""
    header = blocks[loop.header]
    members = {blocks[n] for n in loop.body}
    outside = [block for block in function.blocks if header in block.successors]
    outside = [block for block in outside if block not in members]
    if len(outside) != 1:
        return None
    source = outside[0]
    last = source.instrs[-1]
    if last.op == "br":
        return source
    if last.op not in ("condbr", "switch"):
        return None
    block = Block(header.name + ".before", function)
    branch = Instr("br", VOID, [], last.span, {"targets": [header]})
    branch.block = block
    block.instrs.append(branch)
    last.attrs["targets"] = [block if t is header else t for t in last.attrs["targets"]]
    rename_incoming(header, source, block)
    function.blocks.insert(function.blocks.index(header), block)
    return block
