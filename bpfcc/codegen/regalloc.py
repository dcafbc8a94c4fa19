"""Register allocation: ten registers by graph colouring, with coalescing and spilling.

Rounds of: liveness, interference, coalescing, colouring; what finds no register is rewritten to
live in the frame (or to be made again, if it is a constant) and the next round starts. Coalescing
is conservative in Briggs' and George's sense, generalised to nodes that differ in how many
registers they may have: a node with k allowed registers and fewer than k neighbours always gets
one. A merged node that finds no register is taken apart before anything is spilled. Sources:
Briggs, Cooper, Torczon, "Improvements to graph coloring register allocation", 1994; George, Appel,
"Iterated register coalescing", 1996; Park, Moon, "Optimistic register coalescing", 1998.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from .coalesce import Coalescer
from .interference import PREGS, Graph
from .liveness import Liveness
from .masks import members
from .mir import FIRST_VREG, MFunction, fail, map_registers
from .spill import Spiller

# Registers that calls destroy first: the others are for those that need them.
_ORDER = (1, 2, 3, 4, 5, 0, 6, 7, 8, 9)
_MAX_ROUNDS = 40
_HOPELESS = 24  # so many failures are not the fault of coalescing
INFINITE = float("inf")


def allocate(function: MFunction) -> None:
    """Replace the virtual registers of ``function`` by r0..r9, spilling to the frame.

    Requires: depths and predecessors are set, no unreachable block, no dead instruction.
    Ensures: copies whose two registers became one are still there as ``rN = rN``.
    Raises: InternalError if the rounds do not end.
    """
    spiller = Spiller(function)
    for _ in range(_MAX_ROUNDS):
        live = Liveness(function)
        graph = Graph(function, live)
        for reg in spiller.unspillable:
            if reg < len(graph.cost):
                graph.cost[reg] = INFINITE
        spiller.discount(graph)
        coalescer, colours, failed = _colour_optimistically(graph)
        if not failed:
            mapping = list(range(function.next_vreg))
            for reg in range(FIRST_VREG, function.next_vreg):
                mapping[reg] = colours.get(coalescer.find(reg), reg)
            for block in function.blocks:
                for insn in block.insns:
                    map_registers(insn, mapping)
            return
        victims = [reg for node in failed for reg in coalescer.members(node)]
        spiller.spill(victims, graph)
    raise fail("regalloc", function.name, "register allocation does not end", function.span)


def _colour_optimistically(graph: Graph) -> tuple[Coalescer, dict[int, int], list[int]]:
    """Colour with all safe coalescing; where that fails, once more with the failures apart."""
    apart: set[int] = set()
    while True:
        coalescer = Coalescer(graph, apart)
        coalescer.run()
        colours, failed = _colour(coalescer)
        if len(failed) > _HOPELESS:
            return coalescer, colours, failed
        again = False
        for node in failed:
            members = coalescer.members(node)
            if len(members) > 1:
                new = [reg for reg in members if reg not in apart]
                apart.update(new)
                again = again or bool(new)
        if not again:
            return coalescer, colours, failed


def _colour(coalescer: Coalescer) -> tuple[dict[int, int], list[int]]:
    """Return the register of each node, and the nodes that got none."""
    adjacent = coalescer.adjacent
    order = _simplify(coalescer)
    partners = coalescer.partners()
    colours: dict[int, int] = {reg: reg for reg in range(10)}
    holders = [0] * 10  # by register: the mask of nodes that have it
    wishers = [0] * 10  # by register: the mask of nodes that are copied from or to it
    for node, others in partners.items():
        for other, _ in others:
            if other < 10 and node > 9:
                wishers[other] |= 1 << node
    failed: list[int] = []
    while order:
        node = order.pop()
        mask = adjacent[node]
        free = [reg for reg in _ORDER if not mask >> reg & 1 and not mask & holders[reg]]
        if not free:
            failed.append(node)
            continue
        colour = free[0]
        best = 0.0
        for other, weight in partners.get(node, ()):
            have = colours.get(other)
            if have is not None and have in free and weight > best:
                best, colour = weight, have
        if not best:
            kind = [reg for reg in free if not mask & wishers[reg]] or free
            colour = _avoid_hints(node, kind, partners, colours, coalescer)
        colours[node] = colour
        holders[colour] |= 1 << node
        for reg in range(10):
            wishers[reg] &= ~(1 << node)
    return colours, failed


def _avoid_hints(
    node: int,
    free: list[int],
    partners: dict[int, list[tuple[int, float]]],
    colours: dict[int, int],
    coalescer: Coalescer,
) -> int:
    """Choose a register that a partner without a register can have too."""
    wishes = [other for other, _ in partners.get(node, ()) if other not in colours]
    if not wishes:
        return free[0]
    adjacent = coalescer.adjacent
    for colour in free:
        if not any(adjacent[other] >> colour & 1 for other in wishes):
            return colour
    return free[0]


def _simplify(coalescer: Coalescer) -> list[int]:
    """Return the nodes in the order of their removal: easy ones first, else the cheapest."""
    adjacent = coalescer.adjacent
    nodes = members(coalescer.nodes)
    around: dict[int, list[int]] = {}
    degree: dict[int, int] = {}
    room: dict[int, int] = {}
    easy: list[int] = []
    cost = coalescer.cost
    hard: list[tuple[float, int]] = []  # a heap; a key is a lower bound until it is looked at
    for reg in nodes:
        mask = adjacent[reg]
        around[reg] = members(mask & coalescer.nodes)
        degree[reg] = len(around[reg])
        room[reg] = 10 - (mask & PREGS).bit_count()
        if degree[reg] < room[reg]:
            easy.append(reg)
        else:
            hard.append((cost[reg] / (degree[reg] + 1), reg))
    easy.reverse()
    heapify(hard)
    order: list[int] = []
    removed: set[int] = set()
    while len(order) < len(nodes):
        if easy:
            reg = easy.pop()
        else:
            key, reg = heappop(hard)
            now = cost[reg] / (degree[reg] + 1)
            if now > key and reg not in removed:
                heappush(hard, (now, reg))
                continue
        if reg in removed:
            continue
        removed.add(reg)
        order.append(reg)
        for other in around[reg]:
            degree[other] -= 1
            if degree[other] == room[other] - 1 and other not in removed:
                easy.append(other)
    return order
