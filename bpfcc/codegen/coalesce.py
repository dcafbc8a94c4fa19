"""Conservative coalescing: one node for the two ends of a copy, where colouring stays as easy."""

from __future__ import annotations

from .interference import PREGS, Graph
from .masks import members


class Coalescer:
    """Union-find over registers with the interference masks of the merged nodes.

    ``apart``: registers that are not to be merged with anything. ``nodes`` is the mask of the
    representatives; ``adjacent`` and ``cost`` hold for those.
    """

    __slots__ = (
        "_apart",
        "_members",
        "_moves",
        "_parent",
        "_remaining",
        "adjacent",
        "cost",
        "nodes",
    )

    def __init__(self, graph: Graph, apart: set[int]) -> None:
        self._apart = apart
        self._parent = list(range(len(graph.adjacent)))
        self._members: dict[int, list[int]] = {}
        self.adjacent = list(graph.adjacent)
        self.cost = list(graph.cost)
        self.nodes = graph.nodes
        self._remaining = graph.nodes
        weights: dict[tuple[int, int], float] = {}
        for move in graph.moves:
            pair = (move.a, move.b) if move.a < move.b else (move.b, move.a)
            weights[pair] = weights.get(pair, 0.0) + move.weight
        self._moves = sorted(weights.items(), key=lambda item: (-item[1], item[0]))

    def find(self, reg: int) -> int:
        """Return the representative of ``reg``; a machine register represents its node."""
        parent = self._parent
        while parent[reg] != reg:
            parent[reg] = parent[parent[reg]]
            reg = parent[reg]
        return reg

    def members(self, node: int) -> list[int]:
        """Return the registers merged into ``node``, itself included."""
        return self._members.get(node, [node])

    def partners(self) -> dict[int, list[tuple[int, float]]]:
        """Return for each node those it is still copied from or to, with weights."""
        out: dict[int, list[tuple[int, float]]] = {}
        for (a, b), weight in self._moves:
            a, b = self.find(a), self.find(b)
            if a != b:
                out.setdefault(a, []).append((b, weight))
                out.setdefault(b, []).append((a, weight))
        return out

    def run(self) -> None:
        """Merge until nothing more can be merged."""
        pending = [
            pair
            for pair, _ in self._moves
            if pair[0] not in self._apart and pair[1] not in self._apart
        ]
        while True:
            hard = self._hard_nodes()
            left = []
            merged = False
            for a, b in pending:
                x, y = self.find(a), self.find(b)
                if x == y:
                    continue
                if y < x:
                    x, y = y, x
                if y < 16 or self.adjacent[x] >> y & 1:
                    continue  # never again: interference only grows
                if x < 16:
                    good = self._safe_with_machine_register(x, y, hard)
                else:
                    good = self._safe(x, y, hard)
                if good:
                    hard = self._merge(x, y, hard)
                    merged = True
                else:
                    left.append((a, b))
            if not merged:
                return
            pending = left

    def _room(self, mask: int) -> int:
        return 10 - (mask & PREGS).bit_count()

    def _is_hard(self, mask: int) -> bool:
        """Whether a node with neighbours ``mask`` may fail to get a register."""
        return (mask & self._remaining).bit_count() >= self._room(mask)

    def _hard_nodes(self) -> int:
        """Return the mask of the nodes that may fail to get a register.

        Easy nodes that no copy concerns are taken out first, and what becomes easy by that.
        """
        adjacent = self.adjacent
        copied = 0
        for (a, b), _ in self._moves:
            copied |= 1 << self.find(a) | 1 << self.find(b)
        remaining = self.nodes
        work = members(remaining & ~copied)
        while work:
            reg = work.pop()
            mask = adjacent[reg]
            if remaining >> reg & 1 and (mask & remaining).bit_count() < self._room(mask):
                remaining ^= 1 << reg
                work += members(mask & remaining & ~copied)
        hard = 0
        for reg in members(remaining):
            around = adjacent[reg]
            if (around & remaining).bit_count() >= self._room(around):
                hard |= 1 << reg
        self._remaining = remaining
        return hard

    def _safe_with_machine_register(self, reg: int, node: int, hard: int) -> bool:
        """George: each neighbour of ``node`` is easy or cannot have ``reg`` anyway."""
        if reg > 9:
            return False
        return not self.adjacent[node] & hard & ~self.adjacent[reg]

    def _safe(self, a: int, b: int, hard: int) -> bool:
        adj_a, adj_b = self.adjacent[a], self.adjacent[b]
        both = adj_a | adj_b
        room = self._room(both)
        if room <= 0:
            return False
        if (both & hard).bit_count() < room:  # Briggs
            return True
        pairs = ((adj_a, adj_b), (adj_b, adj_a))
        # George: what is a neighbour of the one is a neighbour of the other, or easy.
        return any(not x & hard & ~y and not x & PREGS & ~y for x, y in pairs)

    def _merge(self, a: int, b: int, hard: int) -> int:
        """Make ``b`` part of ``a``; return ``hard`` brought up to date."""
        adjacent = self.adjacent
        self._parent[b] = a
        self._members.setdefault(a, [a] if a > 15 else []).extend(self._members.pop(b, [b]))
        bit_a, bit_b = 1 << a, 1 << b
        self.nodes &= ~bit_b
        self._remaining &= ~bit_b
        hard &= ~bit_b
        mask = adjacent[b]
        adjacent[a] |= mask
        not_b = ~bit_b
        for other in members(mask):
            adjacent[other] = now = adjacent[other] & not_b | bit_a
            if other > 15:
                was_hard = hard >> other & 1
                if was_hard != self._is_hard(now):
                    hard ^= 1 << other
        self.cost[a] += self.cost[b]
        if a > 15 and self._is_hard(adjacent[a]):
            hard |= bit_a
        return hard
