"""Random IR functions: the code computes what the IR's reference interpreter does."""

from __future__ import annotations

import random

import pytest

from bpfcc.ir.interp import Fault, Machine
from bpfcc.ir.verify import verify


def outcomes(box, module, mcpu, args, memory, dirt, *, big_endian=False, **options):
    _, obj, sink = box.compile(module, mcpu, big_endian=big_endian, **options)
    assert not sink.diagnostics
    function = module.functions[0]
    for code in (False, True):
        machine = Machine(module, box.plain_call, big_endian=big_endian)
        place = machine.allocate(memory, "m0")
        data = machine.symbol("g")
        if code:
            # What callers leave in the unused upper bits of narrow arguments is anything.
            dirty = [
                (arg | dirt.getrandbits(64) << param.type.bits) & box.M64
                for arg, param in zip(args, function.params)
            ]
            result = box.Executor(obj, machine, mcpu).run(obj.functions[0], [*dirty, place])
        else:
            result = machine.run(function, [*args, place])
        events = [event[:1] if event[0] == "call" else event for event in machine.trace
                  if event[0] not in ("load", "store")]  # fmt: skip
        result = (result or 0) & ((1 << function.ret.bits) - 1)
        yield result, machine.read(place, len(memory)), machine.read(data, 32), events


def run_seed(box, seed, mcpu, size, **options):
    module = box.irgen.random_module(seed, mcpu, size)
    verify(module)
    r = random.Random(seed)
    function = module.functions[0]
    for _ in range(3):
        args = []
        for param in function.params[:-1]:
            value = r.choice([r.getrandbits(64), r.choice(box.irgen.INTERESTING), r.randint(0, 20)])
            args.append(value & ((1 << param.type.bits) - 1))
        memory = bytes(r.getrandbits(8) for _ in range(64))
        try:
            want, got = outcomes(box, module, mcpu, args, memory, r, **options)
        except Fault:
            return
        assert got == want, f"seed {seed} mcpu {mcpu} args {args}"


@pytest.mark.parametrize("mcpu", [1, 2, 3, 4])
def test_small(box, mcpu):
    for seed in range(80):
        run_seed(box, seed, mcpu, 25)


@pytest.mark.parametrize("mcpu", [1, 3, 4])
def test_large(box, mcpu):
    for seed in range(8):
        run_seed(box, 1000 + seed, mcpu, 160)


@pytest.mark.parametrize("mcpu", [1, 3])
def test_big_endian(box, mcpu):
    for seed in range(25):
        run_seed(box, 2000 + seed, mcpu, 25, big_endian=True)


def test_without_optimisation(box):
    for seed in range(30):
        run_seed(box, 3000 + seed, 3, 40, opt_level=0)
