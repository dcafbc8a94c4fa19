"""landing: edges that bring the same constants to a join share one block.

Every edge into a block with phis needs instructions that put the phi's value in place. Where
several edges bring equal constants (``return 0`` from five places), a common block in front of the
join does that once. Only edges whose values are all constants are shared, so nothing of different
kinds is merged. It is the last pass: ``simplifycfg`` would skip these blocks again.
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..ir.module import Block, Function
from ..ir.values import VOID, Const, Instr, Value
from .context import Context
from .edit import constant_key, predecessors, successor_indices


def run(function: Function, ctx: Context) -> bool:
    """Make the shared blocks; return whether there were any."""
    del ctx
    joins = [b for b in function.blocks if b.instrs[0].op == "phi" and len(b.instrs[0].args) > 2]
    if not joins:
        return False
    dom = Dominators(successor_indices(function))
    index = {block: i for i, block in enumerate(function.blocks)}
    preds = predecessors(function)
    changed = False
    for join in joins:
        groups: dict[tuple[object, ...], list[Block]] = {}
        for pred in preds[join]:
            if pred.instrs[-1].op not in ("br", "condbr", "switch"):
                continue
            if dom.dominates(index[join], index[pred]):
                continue  # a back edge
            values = _constants(join, pred)
            if values is not None:
                groups.setdefault(values, []).append(pred)
        for group in groups.values():
            if 1 < len(group) < len(preds[join]):
                _share(function, join, group)
                changed = True
    return changed


def _constants(join: Block, pred: Block) -> tuple[object, ...] | None:
    """Return what identifies the values that ``pred`` brings, None if one is no constant."""
    keys: list[object] = []
    for phi in join.phis():
        value = phi.args[phi.attrs["blocks"].index(pred)]
        if not isinstance(value, Const):
            return None
        keys.append(constant_key(value))
    return tuple(keys)


def _share(function: Function, join: Block, group: list[Block]) -> None:
    landing = Block(join.name + ".same", function)
    branch = Instr("br", VOID, [], join.instrs[-1].span, {"targets": [join]})
    branch.block = landing
    landing.instrs.append(branch)
    members = set(group)
    for phi in join.phis():
        blocks: list[Block] = phi.attrs["blocks"]
        value: Value = phi.args[blocks.index(group[0])]
        kept = [(a, b) for a, b in zip(phi.args, blocks) if b not in members]
        phi.args = [a for a, _ in kept] + [value]
        phi.attrs["blocks"] = [b for _, b in kept] + [landing]
    for pred in group:
        last = pred.instrs[-1]
        last.attrs["targets"] = [landing if t is join else t for t in last.attrs["targets"]]
    function.blocks.insert(function.blocks.index(join), landing)
