"""Natural loops and their nesting.

A back edge leads to a node that dominates its source; the loop is what reaches that source without
passing the header. Loops with one header are one loop. Cycles without a dominating header
(irreducible) form no loop here; ``irreducible_edges`` finds them.
"""

from __future__ import annotations

from .dominators import Dominators


class Loop:
    """One natural loop.

    ``latches``: sources of the back edges. ``body``: all nodes, header included. ``depth`` counts
    from 1. ``parent``: the innermost loop around it.
    """

    __slots__ = ("body", "depth", "header", "latches", "parent")

    def __init__(self, header: int, latches: list[int], body: set[int]) -> None:
        self.header = header
        self.latches = latches
        self.body = body
        self.parent: Loop | None = None
        self.depth = 1

    def exits(self, succs: list[list[int]]) -> list[tuple[int, int]]:
        """Return the edges that leave the loop as (inside, outside), ascending."""
        body = self.body
        return [(n, s) for n in sorted(body) for s in succs[n] if s not in body]

    def __repr__(self) -> str:
        return f"Loop(header={self.header}, body={sorted(self.body)}, depth={self.depth})"


def find_loops(
    succs: list[list[int]], entry: int = 0, dominators: Dominators | None = None
) -> list[Loop]:
    """Return the natural loops, an inner loop before the loop around it."""
    dom = dominators or Dominators(succs, entry)
    latches: dict[int, list[int]] = {}
    for node in dom.order:
        for succ in succs[node]:
            if dom.dominates(succ, node):
                sources = latches.setdefault(succ, [])
                if node not in sources:
                    sources.append(node)
    loops: list[Loop] = []
    innermost: dict[int, Loop] = {}
    # Headers in postorder: an inner header comes after the outer one in rpo.
    for header in reversed(dom.order):
        if header not in latches:
            continue
        body = {header}
        work = list(latches[header])
        while work:
            node = work.pop()
            if node in body:
                continue
            body.add(node)
            work.extend(p for p in dom.preds[node] if dom.idom[p] >= 0)
        loop = Loop(header, latches[header], body)
        for node in body:
            inner = innermost.get(node)
            if inner is None:
                innermost[node] = loop
                continue
            while inner.parent is not None:
                inner = inner.parent
            if inner is not loop:
                inner.parent = loop
        loops.append(loop)
    for loop in reversed(loops):
        loop.depth = loop.parent.depth + 1 if loop.parent is not None else 1
    return loops


def loop_depths(loops: list[Loop], n: int) -> list[int]:
    """Return for each of ``n`` nodes how many loops contain it."""
    depths = [0] * n
    for loop in loops:
        for node in loop.body:
            depths[node] += 1
    return depths


def irreducible_edges(succs: list[list[int]], dominators: Dominators) -> list[tuple[int, int]]:
    """Return the retreating edges whose target does not dominate their source."""
    number = {node: i for i, node in enumerate(dominators.order)}
    return [
        (node, succ)
        for node in dominators.order
        for succ in succs[node]
        if number[succ] <= number[node] and not dominators.dominates(succ, node)
    ]
