"""Where each basic block goes when a flow graph becomes nested Python code.

Python has no goto. A reducible graph can be written with ``while True``, ``if`` and ``break`` all
the same, by its dominator tree: a block with one way in stands where it is jumped to; a join stands
behind the block that dominates it, and jumps to it fall through to there, with a number in ``t``
that tells later joins to step aside. What leaves a loop stands behind the loop.

``plan`` decides the places; ``translate`` writes the code. Graphs that are irreducible, or nest too
deep for Python, get the ``dispatch`` plan: every join is an arm of one loop over ``t``.

Source: Ramsey, "Beyond Relooper: Recursive Translation of Unstructured Control Flow to Structured
Control Flow", 2022 (there for WebAssembly, whose multi-level ``br`` Python lacks: hence ``t``).
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..graph.loops import Loop, find_loops, irreducible_edges


class Plan:
    """Places of the blocks of one function.

    ``placed``: blocks that jumps reach by falling through; ``inside[b]`` and ``after[b]``: placed
    blocks that stand at the end of block b (within its loop, where b heads one) and behind the loop
    that b heads, in order. ``level[b]``: how many loops enclose the place of placed block b.
    ``loops[b]``: the loop that b heads. ``dispatch``: see above; ``heads`` are then the arms.
    """

    __slots__ = ("after", "dispatch", "heads", "inside", "level", "loops", "order", "placed")

    def __init__(self) -> None:
        self.placed: set[int] = set()
        self.inside: dict[int, list[int]] = {}
        self.after: dict[int, list[int]] = {}
        self.level: dict[int, int] = {}
        self.loops: dict[int, Loop] = {}
        self.dispatch = False
        self.heads: list[int] = []
        self.order: list[int] = []


def plan(succs: list[list[int]], *, dispatch: bool = False) -> Plan:
    """Return the plan for a graph whose entry is node 0; ``dispatch`` True forces that form."""
    dominators = Dominators(succs)
    result = Plan()
    result.order = dominators.order
    number = {node: i for i, node in enumerate(dominators.order)}
    loops = find_loops(succs, dominators=dominators)
    result.loops = {loop.header: loop for loop in loops}
    forward = _forward_ways_in(succs, dominators, number)
    if dispatch or irreducible_edges(succs, dominators):
        result.dispatch = True
        retreats = {s for n in dominators.order for s in succs[n] if number[s] <= number[n]}
        result.heads = [
            node
            for node in dominators.order
            if node == 0 or len(forward.get(node, ())) > 1 or node in retreats
        ]
        return result
    chain = _loop_chains(loops)
    for node in dominators.order[1:]:
        idom = dominators.idom[node]
        # The outermost loop around the dominator that this block is not in.
        left = next((loop for loop in chain.get(idom, ()) if node not in loop.body), None)
        if left is not None:
            result.after.setdefault(left.header, []).append(node)
            result.level[node] = left.depth - 1
            result.placed.add(node)
        elif len(forward[node]) > 1:
            result.inside.setdefault(idom, []).append(node)
            result.level[node] = len(chain.get(idom, ()))
            result.placed.add(node)
    return result


def _forward_ways_in(
    succs: list[list[int]], dominators: Dominators, number: dict[int, int]
) -> dict[int, list[int]]:
    """Return for each node the sources of its edges that are no back edges."""
    ways: dict[int, list[int]] = {}
    for node in dominators.order:
        for succ in succs[node]:
            if number[succ] > number[node]:
                ways.setdefault(succ, []).append(node)
    return ways


def _loop_chains(loops: list[Loop]) -> dict[int, list[Loop]]:
    """Return for each node the loops around it, outermost first."""
    chains: dict[int, list[Loop]] = {}
    for loop in sorted(loops, key=lambda one: one.depth):
        for node in loop.body:
            chains.setdefault(node, []).append(loop)
    return chains
