"""Parallel moves in sequence: all destinations get the old values of their sources.

A move may be emitted once nobody else still has to read its destination. What is left then are
cycles, each broken by saving one register. Source: Boissinot et al., "Revisiting Out-of-SSA
Translation for Correctness, Code Quality, and Efficiency", 2009, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Callable

Copy = tuple[int, int, str]  # destination, source, name of the variable


def sequentialise(copies: list[Copy], temp: Callable[[], int]) -> list[Copy]:
    """Return ``copies`` in an order, with added moves, that has their parallel effect.

    Requires: destinations differ. ``temp`` makes a register for a cycle.
    """
    if len(copies) < 2:
        return [copy for copy in copies if copy[0] != copy[1]]
    pending = {dst: (src, name) for dst, src, name in copies if dst != src}
    readers: dict[int, int] = {}
    for src, _ in pending.values():
        readers[src] = readers.get(src, 0) + 1
    out: list[Copy] = []
    free = [dst for dst in pending if not readers.get(dst)]
    while pending:
        if not free:
            # Only cycles remain: save the value that one move will overwrite.
            dst = next(iter(pending))
            saved = temp()
            out.append((saved, dst, ""))
            for other, (src, name) in pending.items():
                if src == dst:
                    pending[other] = (saved, name)
            readers[saved] = readers.pop(dst)
            free.append(dst)
        dst = free.pop()
        src, name = pending.pop(dst)
        out.append((dst, src, name))
        readers[src] -= 1
        if not readers[src] and src in pending:
            free.append(src)
    return out
