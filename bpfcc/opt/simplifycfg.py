"""simplifycfg: fewer blocks and branches, without touching what the verifier reads from them.

Done: unreachable blocks go; a branch on a constant, or to one place either way, becomes a plain
branch; a branch on a negation swaps its targets; a block that only branches on is skipped; a block
is joined to its only predecessor if that has no other successor; phis of one value go.

Not done, on purpose (``contract.md``): no phi becomes a select, no two tests become one test of a
range, no equal tails of blocks are merged (their pointers may be of different kinds), no test is
dropped because one side is ``unreachable``.
"""

from __future__ import annotations

from ..ir.module import Block, Function
from ..ir.values import I1, VOID, Const, Instr, Undef, Value
from .context import Context
from .edit import (
    incoming,
    predecessors,
    remove_incoming,
    remove_unreachable,
    rename_incoming,
    same_constant,
    set_branch,
    simplify_phis,
    use_counts,
)


def run(function: Function, ctx: Context) -> bool:
    """Simplify until nothing changes; return whether anything did."""
    del ctx
    changed = False
    while True:
        again = _branches(function)
        again |= remove_unreachable(function)
        again |= simplify_phis(function)
        again |= _skip_empty(function)
        again |= _join(function)
        if not again:
            return changed
        changed = True


def _branches(function: Function) -> bool:
    """Simplify terminators by their operand."""
    changed = False
    for block in function.blocks:
        last = block.instrs[-1]
        if last.op == "condbr":
            changed |= _condbr(block, last)
        elif last.op == "switch":
            changed |= _switch(block, last)
    return changed


def _condbr(block: Block, last: Instr) -> bool:
    then, other = last.attrs["targets"]
    cond = last.args[0]
    if then is other:
        set_branch(block, then)
        return True
    if isinstance(cond, Const):
        set_branch(block, then if cond.value else other)
        return True
    if isinstance(cond, Undef):
        set_branch(block, other)
        return True
    if isinstance(cond, Instr) and cond.op == "xor" and isinstance(cond.args[1], Const):
        if cond.args[1].value:
            last.args[0] = cond.args[0]
            last.attrs["targets"] = [other, then]
            if last.attrs.get("likely") is not None:
                last.attrs["likely"] = not last.attrs["likely"]
            return True
    return False


def _switch(block: Block, last: Instr) -> bool:
    targets: list[Block] = last.attrs["targets"]
    cases: list[int] = last.attrs["cases"]
    value = last.args[0]
    if isinstance(value, (Const, Undef)):
        number = value.value if isinstance(value, Const) else None
        set_branch(block, targets[cases.index(number) + 1 if number in cases else 0])
        return True
    default = targets[0]
    keep = [i for i in range(len(cases)) if targets[i + 1] is not default]
    if not keep:
        set_branch(block, default)
        return True
    if len(keep) < len(cases):
        last.attrs["cases"] = [cases[i] for i in keep]
        last.attrs["targets"] = [default] + [targets[i + 1] for i in keep]
        return True
    if len(cases) == 1:
        cond = Instr("eq", I1, [value, Const(value.type, cases[0])], last.span)
        branch = Instr("condbr", VOID, [cond], last.span, {"targets": [targets[1], default]})
        cond.block = branch.block = block
        block.instrs[-1:] = [cond, branch]
        return True
    return False


def _skip_empty(function: Function) -> bool:
    """Let the predecessors of blocks that only branch go where those go."""
    changed = False
    preds: dict[Block, list[Block]] | None = None
    counts: dict[Value, int] | None = None
    for block in function.blocks[1:]:
        last = block.instrs[-1]
        if last.op != "br" or any(i.op != "phi" for i in block.instrs[:-1]):
            continue
        target = last.attrs["targets"][0]
        if target is block or last.attrs.get("unroll") is not None:
            continue
        if preds is None:
            preds = predecessors(function)
        if len(block.instrs) == 1:
            changed |= _skip(block, target, preds)
            continue
        if counts is None:
            counts = use_counts(function)
        changed |= _fold_phis(block, target, preds, counts)
    return changed


def _skip(block: Block, target: Block, preds: dict[Block, list[Block]]) -> bool:
    """Redirect the predecessors of the empty ``block``; those whose phi values agree."""
    moved = False
    phis = list(target.phis())
    already = preds[target]
    stay: list[Block] = []
    for pred in preds[block]:
        last = pred.instrs[-1]
        if last.op in ("asm_goto", "may_goto"):
            stay.append(pred)
            continue
        if pred in already:  # two edges from one block need one value
            if not all(same_constant(incoming(p, pred), incoming(p, block)) for p in phis):
                stay.append(pred)
                continue
        else:
            for phi in phis:
                phi.args.append(incoming(phi, block))
                phi.attrs["blocks"].append(pred)
            already.append(pred)
        last.attrs["targets"] = [target if t is block else t for t in last.attrs["targets"]]
        moved = True
    preds[block] = stay
    if moved and not stay:
        _empty(block, target, preds)
    return moved


def _empty(block: Block, target: Block, preds: dict[Block, list[Block]]) -> None:
    """Take ``block``, which nothing leads to any more, off the way to ``target``."""
    remove_incoming(target, block)
    preds[target].remove(block)
    preds[block] = []
    end = Instr("unreachable", VOID, [], block.instrs[-1].span)
    end.block = block
    block.instrs = [end]


def _fold_phis(
    block: Block, target: Block, preds: dict[Block, list[Block]], counts: dict[Value, int]
) -> bool:
    """Merge a block of phis and a branch into ``target``, whose phis alone use them.

    ``counts`` (how often each value is used) is kept up to date.
    """
    sources = preds[block]
    if not sources or any(pred in preds[target] for pred in sources) or block in sources:
        return False
    if any(pred.instrs[-1].op in ("asm_goto", "may_goto") for pred in sources):
        return False
    phis = list(block.phis())
    own = set(phis)
    if any(arg in own for phi in phis for arg in phi.args):
        return False
    outer = list(target.phis())
    passed = [incoming(phi, block) for phi in outer]
    if any(counts.get(phi, 0) != passed.count(phi) for phi in phis):
        return False
    for phi in phis:
        for arg in phi.args:
            counts[arg] -= 1
    for phi, value in zip(outer, passed):
        counts[value] -= 1
        for pred in sources:
            arg = incoming(value, pred) if isinstance(value, Instr) and value in own else value
            phi.args.append(arg)
            phi.attrs["blocks"].append(pred)
            counts[arg] += 1
    for pred in sources:
        last = pred.instrs[-1]
        last.attrs["targets"] = [target if t is block else t for t in last.attrs["targets"]]
    preds[target].extend(sources)
    _empty(block, target, preds)
    return True


def _join(function: Function) -> bool:
    """Append blocks to their only predecessor where that leads nowhere else."""
    preds = predecessors(function)
    gone: set[Block] = set()
    for block in function.blocks:
        if block in gone:
            continue
        while True:
            last = block.instrs[-1]
            if last.op != "br":
                break
            target = last.attrs["targets"][0]
            if target is block or len(preds[target]) != 1 or target is function.blocks[0]:
                break
            if target.instrs[0].op == "phi":
                break  # simplify_phis comes first
            block.instrs.pop()
            for instr in target.instrs:
                instr.block = block
            block.instrs.extend(target.instrs)
            end = block.instrs[-1]
            if "unroll" in last.attrs and end.op in ("br", "condbr"):
                end.attrs.setdefault("unroll", last.attrs["unroll"])
            for after in dict.fromkeys(block.successors):
                rename_incoming(after, target, block)
                preds[after] = [block if p is target else p for p in preds[after]]
            gone.add(target)
    if gone:
        function.blocks = [block for block in function.blocks if block not in gone]
    return bool(gone)
