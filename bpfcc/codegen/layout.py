"""Block order: which block follows which, so that few jumps remain.

Chains of blocks grow from the edges that run most often; each chain is then laid down, the entry's
first. Source: Pettis, Hansen, "Profile guided code positioning", 1990, with static estimates.
"""

from __future__ import annotations

from ..isa import insn as _i
from .interference import block_weight
from .mir import ASM, EXIT, JCOND, JUMP, MBlock, MFunction, MInsn

_INVERSE = {
    _i.JEQ: _i.JNE, _i.JNE: _i.JEQ, _i.JGT: _i.JLE, _i.JLE: _i.JGT, _i.JGE: _i.JLT, _i.JLT: _i.JGE,
    _i.JSGT: _i.JSLE, _i.JSLE: _i.JSGT, _i.JSGE: _i.JSLT, _i.JSLT: _i.JSGE,
}  # fmt: skip
_NEW_IN_V2 = frozenset({_i.JLT, _i.JLE, _i.JSLT, _i.JSLE})


def inverse(op: int, mcpu: int) -> int | None:
    """Return the opcode of the opposite conditional jump, or None where there is none."""
    code = _INVERSE.get(op & 0xF0)
    if code is None or op == JCOND or (mcpu == 1 and code in _NEW_IN_V2):
        return None
    return op & 0x0F | code


def is_conditional(insn: MInsn) -> bool:
    """Whether ``insn`` is a jump with two targets, [taken, fall through]."""
    return insn.op < 256 and insn.targets is not None


def thread_jumps(function: MFunction) -> None:
    """Go directly where empty blocks lead; conditional jumps with one target become plain ones.

    Ensures: emptied blocks that nothing reaches are gone; blocks are numbered.
    """
    for block in function.blocks:
        last = block.insns[-1]
        if last.targets is None:
            continue
        last.targets[:] = [_destination(target) for target in last.targets]
        if is_conditional(last) and last.op != JCOND and last.targets[0] is last.targets[1]:
            goto = MInsn(JUMP)
            goto.targets = last.targets[:1]
            goto.span = last.span
            block.insns[-1] = goto
    reached = {function.blocks[0]}
    work = [function.blocks[0]]
    while work:
        for target in work.pop().succs:
            if target not in reached:
                reached.add(target)
                work.append(target)
    function.blocks = [block for block in function.blocks if block in reached]
    function.number()


def _destination(block: MBlock) -> MBlock:
    """Follow blocks that only jump on; an endless loop of them leads to itself."""
    seen = {block}
    while len(block.insns) == 1 and block.insns[0].op == JUMP:
        assert block.insns[0].targets is not None
        following = block.insns[0].targets[0]
        if following in seen:
            break
        seen.add(following)
        following.near |= block.near
        block = following
    return block


def order_blocks(function: MFunction, mcpu: int) -> None:
    """Reorder ``function.blocks``; the entry stays first."""
    function.number()
    blocks = function.blocks
    edges: list[tuple[float, int, int]] = []
    for block in blocks:
        weight = block_weight(block.depth, block.cold)
        last = block.insns[-1]
        if last.targets is None:
            continue
        if last.op == JUMP:
            target = last.targets[0]
            if not is_exit(target):
                edges.append((weight, block.index, target.index))
            else:
                edges.append((weight * 0.01, block.index, target.index))
        elif last.op == ASM:
            edges.append((weight * 1e6, block.index, last.targets[0].index))
        else:
            for i, target in enumerate(last.targets):
                if i == 0 and inverse(last.op, mcpu) is None:
                    continue
                likely = 0.1 if target.cold else 0.5 if i else 0.49
                if target.near:
                    likely += 1  # more than a jump to it from the same loop
                if is_exit(target):
                    likely *= 0.02  # others that go there have a copy; here a jump is enough
                edges.append((weight * likely, block.index, target.index))
    edges.sort(key=lambda edge: (-edge[0], edge[1], edge[2]))
    function.blocks = [blocks[i] for chain in _chains(len(blocks), edges) for i in chain]


def is_exit(block: MBlock) -> bool:
    """Whether the block only returns: then the return is copied instead of jumped to."""
    return len(block.insns) == 1 and block.insns[0].op == EXIT


def _chains(n: int, edges: list[tuple[float, int, int]]) -> list[list[int]]:
    """Join nodes along ``edges``, best first; the chain of node 0 comes first, then by head."""
    chain_of: list[list[int]] = [[i] for i in range(n)]
    for _, source, target in edges:
        first, second = chain_of[source], chain_of[target]
        if first is second or first[-1] != source or second[0] != target or target == 0:
            continue
        first += second
        for node in second:
            chain_of[node] = first
    out: list[list[int]] = []
    done: set[int] = set()
    for i in range(n):
        chain = chain_of[i]
        if chain[0] not in done:
            done.add(chain[0])
            out.append(chain)
    return out
