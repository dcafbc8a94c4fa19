"""shortways: in loops that turn very often, the verifier shall meet the short way round first.

The kernel's verifier walks the way that falls through and keeps the other one of every test for
later, no more than 8192 of them at a time. In a loop of many turns it keeps what the first walk
passes in every turn. So in functions where that comes near the limit, each test in a long loop is
marked as if the way with fewer tests to the next turn were the likely one; block placement lets that
fall through. What the programmer expects (``__builtin_expect``) stays.
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..graph.loops import Loop, find_loops
from ..ir.module import Block, Function
from .context import Context
from .edit import successor_indices
from .turns import turns

_MOST_KEPT = 6000  # of 8192; what stands outside of the loops needs some too
_LONG = 64  # turns


def run(function: Function, ctx: Context) -> bool:
    """Mark the tests; return whether any were."""
    del ctx
    succs = successor_indices(function)
    dominators = Dominators(succs)
    loops = find_loops(succs, 0, dominators)
    long: list[Loop] = []
    kept = 0
    for loop in loops:
        if any(other.parent is loop for other in loops):
            continue
        tests = sum(function.blocks[node].instrs[-1].op == "condbr" for node in loop.body)
        if not tests:
            continue
        # More turns than fill what may be kept need not be counted.
        count = _turns_of(loop, function.blocks, dominators, _MOST_KEPT // tests)
        if count is not None and count >= _LONG:
            long.append(loop)
            kept += count * tests
    if kept <= _MOST_KEPT:
        return False
    changed = False
    for loop in long:
        changed |= _mark(loop, function.blocks, succs)
    return changed


def _turns_of(loop: Loop, blocks: list[Block], dominators: Dominators, limit: int) -> int | None:
    """Return how often a loop turns at most, by a test that every turn passes.

    ``limit + 1`` stands for more than that, None for a loop that does not tell.
    """
    best: int | None = None
    for node in sorted(loop.body):
        last = blocks[node].instrs[-1]
        if last.op != "condbr" or not all(dominators.dominates(node, n) for n in loop.latches):
            continue
        targets = [target in {blocks[n] for n in loop.body} for target in last.attrs["targets"]]
        if targets[0] != targets[1]:
            count = turns(loop, blocks[node], blocks, limit)
            if count is not None and (best is None or count < best):
                best = count
    return best


def _mark(loop: Loop, blocks: list[Block], succs: list[list[int]]) -> bool:
    distance = _distances(loop, blocks, succs)
    number = {blocks[node]: node for node in loop.body}
    changed = False
    for node in sorted(loop.body):
        last = blocks[node].instrs[-1]
        if last.op != "condbr" or ("likely" in last.attrs and "guess" not in last.attrs):
            continue
        ways = [number.get(target) for target in last.attrs["targets"]]
        if None in ways:
            continue
        first, second = (_onward(loop, distance, way) for way in ways)
        if first != second:
            last.attrs["likely"] = first < second
            last.attrs["guess"] = "short"
            changed = True
    return changed


def _onward(loop: Loop, distance: dict[int, int], way: int | None) -> int:
    return 0 if way == loop.header else distance[way] if way is not None else 0


def _distances(loop: Loop, blocks: list[Block], succs: list[list[int]]) -> dict[int, int]:
    """Return for each block the fewest tests from its start to the next turn."""
    distance = dict.fromkeys(loop.body, len(loop.body) + 1)
    for _ in loop.body:
        changed = False
        for node in loop.body:
            test = int(blocks[node].instrs[-1].op == "condbr")
            ways = [
                0 if succ == loop.header else distance[succ]
                for succ in succs[node]
                if succ in loop.body
            ]
            best = min(ways, default=len(loop.body)) + test
            if best < distance[node]:
                distance[node] = best
                changed = True
        if not changed:
            break
    return distance
