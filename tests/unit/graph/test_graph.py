"""graph/ against brute-force definitions on random graphs."""

from __future__ import annotations

import random

import pytest

from bpfcc.graph.dataflow import backward_union, forward_bits, solve_forward
from bpfcc.graph.dominators import Dominators, PostDominators
from bpfcc.graph.loops import find_loops, irreducible_edges, loop_depths
from bpfcc.graph.order import postorder, predecessors, reachable, rpo
from bpfcc.graph.scc import is_cyclic, strong_components

SEEDS = range(60)


def random_graph(seed: int) -> list[list[int]]:
    rng = random.Random(seed)
    n = rng.randint(1, 12)
    return [[rng.randrange(n) for _ in range(rng.choice([0, 1, 1, 2, 2, 3]))] for _ in range(n)]


def reach(succs: list[list[int]], start: int, without: int | None = None) -> set[int]:
    seen: set[int] = set()
    work = [] if start == without else [start]
    while work:
        node = work.pop()
        if node in seen:
            continue
        seen.add(node)
        work.extend(s for s in succs[node] if s != without)
    return seen


@pytest.mark.parametrize("seed", SEEDS)
def test_orders(seed: int) -> None:
    succs = random_graph(seed)
    order = rpo(succs)
    assert order == postorder(succs)[::-1]
    assert set(order) == reach(succs, 0)
    assert len(set(order)) == len(order)
    assert order[0] == 0
    assert [i for i, yes in enumerate(reachable(succs)) if yes] == sorted(order)
    number = {node: i for i, node in enumerate(order)}
    if all(component_size == 1 for component_size in map(len, strong_components(succs))):
        for node in order:
            assert all(number[s] > number[node] or s == node for s in succs[node])


def test_order_of_a_deep_graph_does_not_recurse() -> None:
    n = 50_000
    succs = [[i + 1] for i in range(n - 1)] + [[]]
    assert rpo(succs) == list(range(n))
    assert Dominators(succs).dominates(0, n - 1)
    assert len(strong_components(succs)) == n


@pytest.mark.parametrize("seed", SEEDS)
def test_dominators(seed: int) -> None:
    succs = random_graph(seed)
    dom = Dominators(succs)
    live = reach(succs, 0)
    strict: dict[int, set[int]] = {}
    for b in range(len(succs)):
        for a in range(len(succs)):
            expect = a in live and b in live and (a == b or b not in reach(succs, 0, without=a))
            assert dom.dominates(a, b) == expect, (a, b)
            if expect and a != b:
                strict.setdefault(b, set()).add(a)
    for b in live - {0}:
        (idom,) = [a for a in strict[b] if strict[b] - {a} <= strict.get(a, set())]
        assert dom.idom[b] == idom
    for a in range(len(succs)):
        frontier = {
            y
            for y in live
            if any(dom.dominates(a, p) for p in predecessors(succs)[y])
            and not (dom.dominates(a, y) and a != y)
        }
        assert set(dom.frontier()[a]) == frontier, a
    walk = dom.preorder()
    assert sorted(walk) == sorted(live)


@pytest.mark.parametrize("seed", SEEDS)
def test_post_dominators(seed: int) -> None:
    succs = random_graph(seed)
    post = PostDominators(succs)
    exits = [n for n in range(len(succs)) if not succs[n]]
    for b in range(len(succs)):
        if not reach(succs, b) & set(exits):
            assert post.ipdom[b] == -1
            continue
        for a in range(len(succs)):
            if not reach(succs, a) & set(exits):
                assert not post.dominates(a, b)
                continue
            assert post.dominates(a, b) == (a == b or not reach(succs, b, without=a) & set(exits))


@pytest.mark.parametrize("seed", SEEDS)
def test_loops(seed: int) -> None:
    succs = random_graph(seed)
    dom = Dominators(succs)
    loops = find_loops(succs, 0, dom)
    headers = {s for n in dom.order for s in succs[n] if dom.dominates(s, n)}
    assert {loop.header for loop in loops} == headers
    for i, loop in enumerate(loops):
        assert all(dom.dominates(loop.header, n) for n in loop.body)
        assert all(loop.header in succs[latch] for latch in loop.latches)
        for n in loop.body:
            assert loop.header in reach(succs, n)
        assert all(outside not in loop.body for _, outside in loop.exits(succs))
        if loop.parent is not None:
            assert loop.body < loop.parent.body
            assert loops.index(loop.parent) > i
            assert loop.depth == loop.parent.depth + 1
    depths = loop_depths(loops, len(succs))
    for n in range(len(succs)):
        assert depths[n] == sum(n in loop.body for loop in loops)
    irreducible = irreducible_edges(succs, dom)
    if not irreducible:
        inside = set().union(*(loop.body for loop in loops)) if loops else set()
        cyclic = {n for c in strong_components(succs) if is_cyclic(c, succs) for n in c} & set(
            dom.order
        )
        assert inside == cyclic


def test_irreducible_edge_is_found() -> None:
    succs = [[1, 2], [2], [1]]
    assert irreducible_edges(succs, Dominators(succs)) != []
    assert find_loops(succs) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_strong_components(seed: int) -> None:
    succs = random_graph(seed)
    components = strong_components(succs)
    assert sorted(n for c in components for n in c) == list(range(len(succs)))
    place = {n: i for i, c in enumerate(components) for n in c}
    for a in range(len(succs)):
        for b in range(len(succs)):
            mutual = b in reach(succs, a) and a in reach(succs, b)
            assert (place[a] == place[b]) == mutual
        assert all(place[s] <= place[a] for s in succs[a])


@pytest.mark.parametrize("seed", SEEDS)
def test_dataflow_solutions_are_fixpoints(seed: int) -> None:
    succs = random_graph(seed)
    rng = random.Random(seed + 1000)
    n = len(succs)
    gen = [rng.getrandbits(8) & rng.getrandbits(8) for _ in range(n)]
    kill = [rng.getrandbits(8) for _ in range(n)]
    live = set(rpo(succs))
    live_in, live_out = backward_union(succs, gen, kill)
    for node in live:
        out = 0
        for succ in succs[node]:
            out |= live_in[succ]
        assert live_out[node] == out
        assert live_in[node] == gen[node] | (out & ~kill[node])
        # least: a fact is live only if some path generates it before killing it
        for bit in range(8):
            if live_in[node] >> bit & 1:
                assert any(gen[m] >> bit & 1 for m in reach(succs, node))
    for meet_all in (False, True):
        facts_in, facts_out = forward_bits(
            succs, gen, kill, meet_all=meet_all, universe=255, start=0
        )
        for node in live:
            assert facts_out[node] == gen[node] | (facts_in[node] & ~kill[node])
            here = [facts_out[p] for p in predecessors(succs)[node] if p in live]
            if node == 0:
                here.append(0)
            expect = 255 if meet_all else 0
            for fact in here:
                expect = expect & fact if meet_all else expect | fact
            assert facts_in[node] == expect
    before = solve_forward(
        succs, 0, lambda node, s: gen[node] | (s & ~kill[node]), lambda a, b: a | b
    )
    union_in, _ = forward_bits(succs, gen, kill, meet_all=False)
    for node in range(n):
        assert before[node] == (union_in[node] if node in live else None)
