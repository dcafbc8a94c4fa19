"""Orders of the nodes of a directed graph, and its reverse edges.

A graph is ``succs``: for each node 0..n-1 the list of its successors (duplicates allowed). All
walks are iterative, so a graph as deep as the program is long is no problem.
"""

from __future__ import annotations


def postorder(succs: list[list[int]], entry: int = 0) -> list[int]:
    """Return the nodes reachable from ``entry``, each after the successors it discovered."""
    if not succs:
        return []
    seen = [False] * len(succs)
    seen[entry] = True
    order: list[int] = []
    stack = [(entry, iter(succs[entry]))]
    while stack:
        node, rest = stack[-1]
        for succ in rest:
            if not seen[succ]:
                seen[succ] = True
                stack.append((succ, iter(succs[succ])))
                break
        else:
            order.append(node)
            stack.pop()
    return order


def rpo(succs: list[list[int]], entry: int = 0) -> list[int]:
    """Return the reachable nodes in reverse postorder: a node before what it leads to.

    In an acyclic graph this is a topological order; in any graph every dominator comes before
    what it dominates. Nodes that ``entry`` does not reach are absent.
    """
    order = postorder(succs, entry)
    order.reverse()
    return order


def predecessors(succs: list[list[int]]) -> list[list[int]]:
    """Return for each node the nodes that lead to it, in ascending order, duplicates kept."""
    preds: list[list[int]] = [[] for _ in succs]
    for node, targets in enumerate(succs):
        for target in targets:
            preds[target].append(node)
    return preds


def reachable(succs: list[list[int]], entry: int = 0) -> list[bool]:
    """Return for each node whether a path from ``entry`` leads to it."""
    seen = [False] * len(succs)
    for node in postorder(succs, entry):
        seen[node] = True
    return seen
