"""Random programs run by the kernel: it accepts them, and they compute what the IR says."""

from __future__ import annotations

import random
import struct

import pytest

from bpfcc.ir.interp import Fault, Machine
from bpfcc.ir.verify import verify

pytestmark = pytest.mark.kernel
CONTEXT = 104


def run_seed(box, seed, mcpu, size):
    from bpfcc.kernel.load import load
    from bpfcc.kernel.testrun import test_run

    module = box.irgen.random_module(seed, mcpu, size, kernel=True)
    verify(module)
    _, obj, sink = box.compile(module, mcpu)
    assert not sink.diagnostics
    r = random.Random(seed)
    with load(obj) as loader:
        program = loader.programs["f"]
        for _ in range(3):
            words = [
                r.choice([r.getrandbits(64), r.choice(box.irgen.INTERESTING)]) for _ in range(4)
            ]
            context = struct.pack("<4Q", *words) + bytes(r.getrandbits(8) for _ in range(72))
            machine = Machine(module)
            place = machine.allocate(context, "ctx")
            try:
                want = machine.run(module.functions[0], [place])
            except Fault:
                return
            got = test_run(program, context=context)
            assert (got.retval, got.context) == (want, machine.read(place, CONTEXT)), f"seed {seed}"


@pytest.mark.parametrize("mcpu", [1, 2, 3, 4])
def test_small(box, mcpu):
    for seed in range(25):
        run_seed(box, seed, mcpu, 25)


@pytest.mark.parametrize("mcpu", [2, 3])
def test_large(box, mcpu):
    for seed in range(4):
        run_seed(box, 500 + seed, mcpu, 120)
