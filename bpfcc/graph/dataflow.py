"""Generic dataflow solvers over a graph: bit-vector problems, and any lattice by functions.

Bit vectors are Python integers (bit i = fact i): union and difference of whole sets are single
operations. The worklist follows reverse postorder (forward) or postorder (backward), so an acyclic
graph is solved in one sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TypeVar

from .order import postorder, predecessors

State = TypeVar("State")


def backward_union(
    succs: list[list[int]], gen: list[int], kill: list[int], entry: int = 0
) -> tuple[list[int], list[int]]:
    """Solve in = gen | (out & ~kill), out = union of in over successors: liveness.

    Returns (in, out), each a list of bit vectors by node. Nodes that ``entry`` does not reach keep
    empty sets.
    """
    n = len(succs)
    live_in, live_out = [0] * n, [0] * n
    preds = predecessors(succs)
    order = postorder(succs, entry)
    queued = [False] * n
    for node in order:
        queued[node] = True
    work = order
    while work:
        again: list[int] = []
        for node in work:
            queued[node] = False
            out = 0
            for succ in succs[node]:
                out |= live_in[succ]
            live_out[node] = out
            new = gen[node] | (out & ~kill[node])
            if new != live_in[node]:
                live_in[node] = new
                for pred in preds[node]:
                    if not queued[pred]:
                        queued[pred] = True
                        again.append(pred)
        work = again
    return live_in, live_out


def forward_bits(
    succs: list[list[int]],
    gen: list[int],
    kill: list[int],
    *,
    meet_all: bool,
    universe: int = 0,
    start: int = 0,
    entry: int = 0,
) -> tuple[list[int], list[int]]:
    """Solve out = gen | (in & ~kill), in = meet of out over predecessors.

    ``meet_all``: intersection over ``universe`` (available facts), else union (reaching facts).
    ``start`` holds at the entry. Returns (in, out).
    """
    n = len(succs)
    fill = universe if meet_all else 0
    facts_in, facts_out = [fill] * n, [fill] * n
    preds = predecessors(succs)
    order = postorder(succs, entry)
    order.reverse()
    reached = [False] * n
    for node in order:
        reached[node] = True
    changed = True
    while changed:
        changed = False
        for node in order:
            here = start if node == entry else fill
            for pred in preds[node]:
                if reached[pred]:
                    here = here & facts_out[pred] if meet_all else here | facts_out[pred]
            facts_in[node] = here
            new = gen[node] | (here & ~kill[node])
            if new != facts_out[node]:
                facts_out[node] = new
                changed = True
    return facts_in, facts_out


def solve_forward(
    succs: list[list[int]],
    start: State,
    transfer: Callable[[int, State], State],
    join: Callable[[State, State], State],
    entry: int = 0,
) -> list[State | None]:
    """Return for each node the state before it: the least fixpoint from ``start`` at ``entry``.

    ``transfer(node, state)`` gives the state after the node; ``join`` the least upper bound. States
    are compared by ``==`` and must not be modified in place. Unreached nodes have None.
    """

    def edges(node: int, state: State) -> list[State]:
        return [transfer(node, state)] * len(succs[node])

    return solve_forward_edges(succs, start, edges, join, entry)


def solve_forward_edges(
    succs: list[list[int]],
    start: State,
    transfer: Callable[[int, State], list[State]],
    join: Callable[[State, State], State],
    entry: int = 0,
) -> list[State | None]:
    """As ``solve_forward``, but ``transfer`` gives one state per outgoing edge, in order."""
    before: list[State | None] = [None] * len(succs)
    order = postorder(succs, entry)
    order.reverse()
    number = {node: i for i, node in enumerate(order)}
    before[entry] = start
    heap = [number[entry]]
    queued = {entry}
    while heap:
        node = order[heappop(heap)]
        queued.discard(node)
        state = before[node]
        assert state is not None
        for succ, out in zip(succs[node], transfer(node, state), strict=True):
            old = before[succ]
            new = out if old is None else join(old, out)
            if old is None or new != old:
                before[succ] = new
                if succ not in queued:
                    queued.add(succ)
                    heappush(heap, number[succ])
    return before
