"""Dominators, post-dominators and dominance frontiers.

Source: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm", 2001. Queries take constant
time by the interval numbers of a walk over the tree.
"""

from __future__ import annotations

from .order import predecessors, rpo


class Dominators:
    """The dominator tree of ``succs`` from ``entry``.

    ``idom[n]`` is the immediate dominator; of the entry the entry itself, of an unreachable node
    -1. ``order`` is the reverse postorder; ``preds`` the reverse edges.
    """

    __slots__ = ("_children", "_first", "_last", "entry", "idom", "order", "preds")

    def __init__(self, succs: list[list[int]], entry: int = 0) -> None:
        self.entry = entry
        self.order = rpo(succs, entry)
        self.preds = predecessors(succs)
        self.idom = self._solve(len(succs))
        self._children: list[list[int]] | None = None
        self._first: list[int] = []
        self._last: list[int] = []

    def _solve(self, n: int) -> list[int]:
        number = [-1] * n
        for i, node in enumerate(self.order):
            number[node] = i
        preds = self.preds
        idom = [-1] * n
        if n:
            idom[self.entry] = self.entry
        changed = True
        while changed:
            changed = False
            for node in self.order[1:]:
                new = -1
                for pred in preds[node]:
                    if idom[pred] < 0:
                        continue
                    if new < 0:
                        new = pred
                        continue
                    while new != pred:  # walk both up to their nearest common dominator
                        while number[new] > number[pred]:
                            new = idom[new]
                        while number[pred] > number[new]:
                            pred = idom[pred]
                if idom[node] != new:
                    idom[node] = new
                    changed = True
        return idom

    @property
    def children(self) -> list[list[int]]:
        """The tree downwards: for each node those it immediately dominates, in rpo."""
        if self._children is None:
            children: list[list[int]] = [[] for _ in self.idom]
            for node in self.order[1:]:
                children[self.idom[node]].append(node)
            self._children = children
        return self._children

    def preorder(self) -> list[int]:
        """Return the tree's nodes, each before those it dominates, subtrees contiguous."""
        if not self.order:
            return []
        children = self.children
        out: list[int] = []
        stack = [self.entry]
        while stack:
            node = stack.pop()
            out.append(node)
            stack.extend(reversed(children[node]))
        return out

    def _number(self) -> None:
        first = [-1] * len(self.idom)
        size = [1] * len(self.idom)
        walk = self.preorder()
        for i, node in enumerate(walk):
            first[node] = i
        for node in reversed(walk):
            if node != self.entry:
                size[self.idom[node]] += size[node]
        self._first = first
        self._last = [first[node] + size[node] for node in range(len(first))]

    def dominates(self, a: int, b: int) -> bool:
        """Return whether every path from the entry to ``b`` passes ``a`` (a node dominates itself).

        False where either is unreachable.
        """
        if not self._first:
            self._number()
        at = self._first[b]
        return at >= 0 and 0 <= self._first[a] <= at < self._last[a]

    def frontier(self) -> list[list[int]]:
        """Return for each node its dominance frontier: where its dominance ends, ascending rpo."""
        idom, preds = self.idom, self.preds
        frontier: list[list[int]] = [[] for _ in idom]
        for node in self.order:
            joins = preds[node]
            if len(joins) < 2 and node != self.entry:
                continue
            stop = idom[node] if node != self.entry else -1
            for pred in joins:
                runner = pred
                if idom[pred] < 0:
                    continue
                while runner != stop:
                    if not frontier[runner] or frontier[runner][-1] != node:
                        frontier[runner].append(node)
                    if runner == self.entry:
                        break
                    runner = idom[runner]
        return frontier


class PostDominators:
    """The post-dominator tree: ``ipdom[n]`` is the node that every path from n to an exit passes.

    Exits are the nodes without successors, joined by a virtual node ``exit`` = len(succs). Nodes
    from which no exit can be reached (endless loops) have ipdom -1.
    """

    __slots__ = ("_tree", "exit", "ipdom")

    def __init__(self, succs: list[list[int]]) -> None:
        n = len(succs)
        reverse = predecessors(succs)
        reverse.append([node for node in range(n) if not succs[node]])
        self.exit = n
        self._tree = Dominators(reverse, n)
        self.ipdom = self._tree.idom

    def dominates(self, a: int, b: int) -> bool:
        """Return whether every path from ``b`` to an exit passes ``a``."""
        return self._tree.dominates(a, b)

    def frontier(self) -> list[list[int]]:
        """Return for each node the branches that decide whether it runs (control dependence)."""
        return self._tree.frontier()
