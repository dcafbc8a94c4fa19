"""opt.ranges against brute force on 8-bit numbers, and against runs of counting loops."""

from __future__ import annotations

import random

import pytest

from bpfcc.graph.dominators import Dominators
from bpfcc.ir import fold
from bpfcc.ir.builder import Builder
from bpfcc.ir.interp import Machine
from bpfcc.ir.module import Function, HelperRef, Module
from bpfcc.ir.values import I8, I32, I64, Const, Instr, Param, Value
from bpfcc.opt.context import Context, OptOptions
from bpfcc.opt.edit import successor_indices
from bpfcc.opt.mem2reg import run as mem2reg
from bpfcc.opt.ranges import Bounds, implied, induction_bounds, known_zeros, learn
from bpfcc.support.diagnostics import Sink

OPS = sorted(fold.INVERSE)


def members(b: Bounds) -> set[int]:
    return {n for n in range(256) if b.ulo <= n <= b.uhi and b.slo <= fold.signed(n, 8) <= b.shi}


def random_bounds(rng: random.Random) -> Bounds:
    unsigned = sorted(rng.sample(range(256), 2)) if rng.random() < 0.7 else [0, 255]
    signed = sorted(rng.sample(range(-128, 128), 2)) if rng.random() < 0.7 else [-128, 127]
    return Bounds(*unsigned, *signed)


@pytest.mark.parametrize("seed", range(200))
def test_bounds_are_sound(seed: int) -> None:
    rng = random.Random(seed)
    a, b = random_bounds(rng), random_bounds(rng)
    assert members(a.deduce(8)) == members(a)
    if not members(a):
        return
    assert not a.deduce(8).empty
    for op in OPS:
        outcomes = {fold.compare(op, x, y, 8) for x in members(a) for y in members(b)}
        known = implied(op, a.deduce(8), b.deduce(8))
        assert known is None or outcomes <= {known}, op
        learnt = learn(op, a, b, 8)
        possible = {x for x in members(a) if any(fold.compare(op, x, y, 8) for y in members(b))}
        assert possible <= members(learnt) or (not possible), op
        assert members(learnt) <= members(a)


def test_what_tests_of_constants_teach_is_exact() -> None:
    full = Bounds.full(8)
    for op in OPS:
        for n in (0, 1, 5, 127, 128, 200, 255):
            c = Bounds(n, n, fold.signed(n, 8), fold.signed(n, 8))
            holds = {x for x in range(256) if fold.compare(op, x, n, 8)}
            learnt = members(learn(op, full, c, 8))
            assert holds <= learnt
            if op not in ("ne",):
                assert learnt == holds, (op, n)


@pytest.mark.parametrize("seed", range(100))
def test_known_zeros(seed: int) -> None:
    rng = random.Random(seed)
    function = Function("f", I64, [Param(I8, 0), Param(I32, 1), Param(I64, 2)])
    b = Builder(function, fold=False)
    values: list[Value] = list(function.params)
    for _ in range(12):
        type = rng.choice([I8, I32, I64])
        a = b.resize(rng.choice(values), type, signed=rng.random() < 0.3)
        c: Value = b.const(type, rng.choice([1, 3, 4, 7, 0xF0, 255, 31, 1 << 20]))
        if rng.random() < 0.4:
            c = b.resize(rng.choice(values), type, signed=False)
        values.append(b.binary(rng.choice(["and", "or", "xor", "add", "lshr", "shl", "mul"]), a, c))
    module = Module()
    module.functions.append(function)
    for value in values[3:]:
        zeros = known_zeros(value)
        block = b.block
        ret = b.ret(b.resize(value, I64, signed=False) if value.type is not I64 else value)
        for _ in range(8):
            args = [rng.getrandbits(8), rng.getrandbits(32), rng.getrandbits(64)]
            result = Machine(module).run(function, args)
            assert result is not None
            assert result & zeros == 0
        block.instrs.remove(ret)


def counting_loop(start: int, step: int, op: str, limit: int, *, bottom: bool, on_next: bool):  # type: ignore[no-untyped-def]
    """A loop that hands its counter to a helper each turn."""
    function = Function("f", I64, [])
    b = Builder(function)
    slot = b.alloca(4, 4)
    b.store(slot, b.i32(start))
    head, body, out = (b.new_block(n) for n in ("head", "body", "out"))
    b.br(body if bottom else head)
    b.position(head)
    b.condbr(b.compare(op, b.load(I32, slot), b.i32(limit)), body, out)
    b.position(body)
    now = b.load(I32, slot)
    b.call(I64, HelperRef(1), [now])
    following = b.add(now, b.i32(step))
    b.store(slot, following)
    if on_next:
        b.condbr(b.compare(op, following, b.i32(limit)), body, out)
    else:
        b.br(head)
    b.position(out)
    b.ret(b.i64(0))
    if on_next:
        b.position(head)
    return function


@pytest.mark.parametrize("op", ["slt", "ult", "sle", "ule", "ne"])
@pytest.mark.parametrize("on_next", [False, True])
@pytest.mark.parametrize(("start", "step", "limit"), [(0, 1, 5), (2, 1, 2), (0, 3, 10), (3, 1, 9)])
def test_induction_bounds_hold(op: str, on_next: bool, start: int, step: int, limit: int) -> None:
    function = counting_loop(start, step, op, limit, bottom=on_next, on_next=on_next)
    module = Module()
    module.functions.append(function)
    mem2reg(function, Context(module, OptOptions(), Sink()))
    succs = successor_indices(function)
    facts = induction_bounds(function, Dominators(succs), succs)
    phis = [i for i in function.instrs() if i.op == "phi"]
    found = facts.get(phis[0]) if phis else None
    if found is None:
        return
    seen: list[int] = []

    def hook(machine: Machine, callee: object, args: list[int]) -> int:
        seen.append(args[0])
        if len(seen) > 1000:
            raise RuntimeError("endless")
        return 0

    try:
        Machine(module, hook).run(function, [])
    except RuntimeError:
        pass
    assert all(found.ulo <= n <= found.uhi for n in seen)
    assert all(found.slo <= fold.signed(n, 32) <= found.shi for n in seen)


def test_a_counter_is_bounded() -> None:
    function = counting_loop(0, 1, "slt", 10, bottom=False, on_next=False)
    module = Module()
    module.functions.append(function)
    mem2reg(function, Context(module, OptOptions(), Sink()))
    succs = successor_indices(function)
    ((phi, found),) = induction_bounds(function, Dominators(succs), succs).items()
    assert isinstance(phi, Instr)
    assert (found.ulo, found.uhi) == (0, 10)


def test_constants_are_known() -> None:
    assert known_zeros(Const(I8, 0x0F)) == 0xF0
