"""Edits of the graph of a function that several passes make.

Instructions have no lists of their users; a pass that replaces values collects ``old: new`` pairs
and applies them in one walk.
"""

from __future__ import annotations

from typing import Any

from ..ir.module import Block, Function
from ..ir.values import VOID, Instr, Type, Undef, Value


def successor_indices(function: Function) -> list[list[int]]:
    """Return the control flow graph by position in ``function.blocks``."""
    index = {block: i for i, block in enumerate(function.blocks)}
    return [[index[target] for target in block.successors] for block in function.blocks]


def predecessors(function: Function) -> dict[Block, list[Block]]:
    """Return each block's predecessors, without duplicates, in block order."""
    preds: dict[Block, list[Block]] = {block: [] for block in function.blocks}
    for block in function.blocks:
        for target in block.successors:
            sources = preds[target]
            if not sources or sources[-1] is not block:
                sources.append(block)
    return preds


def resolve(value: Value, mapping: dict[Value, Value]) -> Value:
    """Follow ``mapping`` from ``value`` to the end."""
    while value in mapping:
        value = mapping[value]
    return value


def replace_values(function: Function, mapping: dict[Value, Value]) -> None:
    """Replace uses of each key by its value; chains are followed."""
    if not mapping:
        return
    for block in function.blocks:
        for instr in block.instrs:
            args = instr.args
            for i, arg in enumerate(args):
                if arg in mapping:
                    args[i] = resolve(arg, mapping)


def use_counts(function: Function) -> dict[Value, int]:
    """Return how often each value is an operand."""
    counts: dict[Value, int] = {}
    for block in function.blocks:
        for instr in block.instrs:
            for arg in instr.args:
                counts[arg] = counts.get(arg, 0) + 1
    return counts


def users(function: Function) -> dict[Value, list[Instr]]:
    """Return the instructions that use each value, in order, one entry per use."""
    table: dict[Value, list[Instr]] = {}
    for block in function.blocks:
        for instr in block.instrs:
            for arg in instr.args:
                table.setdefault(arg, []).append(instr)
    return table


def remove_incoming(block: Block, pred: Block) -> None:
    """Forget ``pred`` in the phis of ``block``."""
    for instr in block.instrs:
        if instr.op != "phi":
            return
        blocks: list[Block] = instr.attrs["blocks"]
        if pred in blocks:
            i = blocks.index(pred)
            del blocks[i]
            del instr.args[i]


def rename_incoming(block: Block, old: Block, new: Block) -> None:
    """Let the phis of ``block`` take from ``new`` what they took from ``old``."""
    for instr in block.instrs:
        if instr.op != "phi":
            return
        instr.attrs["blocks"] = [new if b is old else b for b in instr.attrs["blocks"]]


def incoming(phi: Instr, pred: Block) -> Value:
    """Return the value that ``phi`` takes when control comes from ``pred``."""
    blocks: list[Block] = phi.attrs["blocks"]
    return phi.args[blocks.index(pred)]


def set_branch(block: Block, target: Block) -> None:
    """Make the terminator a plain branch to ``target``, one of its successors or a new one."""
    last = block.instrs[-1]
    for old in dict.fromkeys(block.successors):
        if old is not target:
            remove_incoming(old, block)
    attrs: dict[str, object] = {"targets": [target]}
    if last.attrs.get("unroll") is not None:
        attrs["unroll"] = last.attrs["unroll"]
    branch = Instr("br", VOID, [], last.span, attrs)
    branch.block = block
    block.instrs[-1] = branch


def remove_unreachable(function: Function) -> bool:
    """Delete the blocks that the entry does not reach."""
    seen = {function.blocks[0]}
    work = [function.blocks[0]]
    while work:
        for target in work.pop().successors:
            if target not in seen:
                seen.add(target)
                work.append(target)
    if len(seen) == len(function.blocks):
        return False
    for block in function.blocks:
        if block not in seen:
            for target in dict.fromkeys(block.successors):
                if target in seen:
                    remove_incoming(target, block)
    function.blocks = [block for block in function.blocks if block in seen]
    return True


def simplify_phis(function: Function) -> bool:
    """Replace each phi that has one value (besides itself) by that value."""
    changed = False
    again = True
    while again:
        again = False
        mapping: dict[Value, Value] = {}
        for block in function.blocks:
            instrs = block.instrs
            if instrs[0].op != "phi":
                continue
            kept: list[Instr] = []
            for phi in block.phis():
                only = sole_value(phi, mapping)
                if only is None:
                    kept.append(phi)
                else:
                    mapping[phi] = only
            removed = sum(1 for _ in block.phis()) - len(kept)
            if removed:
                block.instrs = kept + instrs[len(kept) + removed :]
        if mapping:
            replace_values(function, mapping)
            changed = again = True
    return changed


def sole_value(phi: Instr, mapping: dict[Value, Value]) -> Value | None:
    """Return the one value that ``phi`` can have besides itself, or None."""
    only: Value | None = None
    for arg in phi.args:
        arg = resolve(arg, mapping)
        if arg is phi or arg is only:
            continue
        if only is not None and not same_constant(arg, only):
            return None
        only = arg
    return only if only is not None else Undef(phi.type)


def same_constant(a: Value, b: Value) -> bool:
    """Return whether two values are equal constants or equal symbols."""
    if a is b:
        return True
    if type(a) is not type(b) or a.type is not b.type:
        return False
    return constant_key(a) is not None and constant_key(a) == constant_key(b)


def constant_key(value: Value) -> tuple[object, ...] | None:
    """Return what identifies a constant or symbol; None for other values."""
    number = getattr(value, "value", None)
    if number is not None:
        kind = getattr(value, "kind", None)
        if kind is not None:
            return (value.type, number, kind, value.btf, value.access)  # type: ignore[attr-defined]
        return (value.type, number)
    addend = getattr(value, "addend", None)
    if addend is not None:
        return (value.name, addend)  # type: ignore[attr-defined]
    return None


def new_phi(block: Block, type: Type, name: str = "") -> Instr:
    """Put an empty phi at the top of ``block``."""
    phi = Instr("phi", type, [], None, {"blocks": []}, name)
    phi.block = block
    block.instrs.insert(0, phi)
    return phi


def insert_before_end(block: Block, instr: Instr) -> Instr:
    """Put ``instr`` before the terminator of ``block``."""
    instr.block = block
    block.instrs.insert(len(block.instrs) - 1, instr)
    return instr


def copy_blocks(
    blocks: list[Block], function: Function, mapping: dict[Value, Value]
) -> list[Block]:
    """Copy ``blocks`` into ``function``'s name; ``mapping`` takes old to new values both ways in.

    Operands and targets outside of ``blocks`` stay. The copies are not yet in any list.
    """
    block_map = {block: Block(block.name, function) for block in blocks}
    copied: list[Instr] = []
    for block in blocks:
        new_block = block_map[block]
        for instr in block.instrs:
            new = Instr(instr.op, instr.type, instr.args, instr.span, instr.attrs, instr.name)
            new.block = new_block
            new_block.instrs.append(new)
            mapping[instr] = new
            copied.append(new)
    for new in copied:
        new.args = [mapping.get(arg, arg) for arg in new.args]
        attrs: dict[str, Any] = dict(new.attrs)
        if "targets" in attrs:
            attrs["targets"] = [block_map.get(t, t) for t in attrs["targets"]]
        if "blocks" in attrs:
            attrs["blocks"] = [block_map.get(b, b) for b in attrs["blocks"]]
        new.attrs = attrs
    return list(block_map.values())
