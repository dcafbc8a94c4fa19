"""The control flow graph of machine code: pruning, loop depths, moves hoisted off edges.

``hoist_edge_moves``: moves for phis stand in a block of their own on a critical edge, which costs a
jump. Where the other way out of the branch does not care, they are done before the branch instead:

        if r1 == 0 goto L          r0 = 0
        ...                  =>    if r1 == 0 goto exit
    L:  r0 = 0                     ...
        goto exit
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..graph.loops import find_loops, loop_depths
from ..graph.order import reachable
from .liveness import Liveness
from .mir import JUMP, LEA, MOV32_IMM, MOV64, MOV64_IMM, MFunction, MInsn, defs, uses

_MAX_HOISTED = 3


def prune(function: MFunction) -> None:
    """Drop unreachable blocks; number the rest."""
    keep = reachable(function.number())
    if not all(keep):
        function.blocks = [b for b, kept in zip(function.blocks, keep) if kept]
        function.number()


def set_depths(function: MFunction) -> Dominators:
    """Set each block's loop depth; return the dominators.

    Requires: all blocks are reachable.
    """
    succs = function.number()
    dominators = Dominators(succs)
    loops = find_loops(succs, 0, dominators)
    if loops:
        for block, depth in zip(function.blocks, loop_depths(loops, len(succs))):
            block.depth = depth
    return dominators


def hoist_edge_moves(function: MFunction, live: Liveness) -> bool:
    """Move phi moves off critical edges where that is safe; return whether any was.

    Ensures: ``live`` is stale when True is returned; emptied blocks are unreachable.
    """
    changed = False
    for block in function.blocks:
        last = block.insns[-1]
        targets = last.targets
        if targets is None or len(targets) != 2 or last.op > 255:
            continue
        for i in (0, 1):
            landing, other = targets[i], targets[1 - i]
            if len(landing.preds) != 1 or landing is other or landing.depth < block.depth:
                continue
            moves = landing.insns[:-1]
            if not moves or landing.insns[-1].op != JUMP or len(moves) > _MAX_HOISTED:
                continue
            ends = landing.insns[-1].targets
            assert ends is not None
            if len(ends[0].preds) < 2 or not all(map(_hoistable, moves)):
                continue
            written = 0
            for move in moves:
                written |= defs(move)
            if written & (live.live_in[other.index] | uses(last)):
                continue
            block.insns[-1:-1] = moves
            ends[0].near |= landing.near
            targets[i] = ends[0]
            landing.insns = landing.insns[-1:]
            ends[0].preds.append(block)
            changed = True
    return changed


def _hoistable(insn: MInsn) -> bool:
    return insn.op in (MOV64_IMM, MOV32_IMM, MOV64, LEA)
