"""The first seeds of random programs over memory: all engines end alike, mostly in a fault."""

from __future__ import annotations

import pytest

from bpfcc.vm.code import Code
from bpfcc.vm.engine import Careful
from tests.fuzz.bytecode import Surroundings, compare, engines, outcome, program

SEEDS = 60


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_engines_agree(first: int) -> None:
    makers = engines()
    for seed in range(first, first + 10):
        # The whole matrix for one seed in five: making optimised code takes most of the time.
        few = {name: makers[name] for name in makers if not name.endswith(("-O1", "-O2"))}
        assert compare(seed, makers if seed % 5 == 0 else few, [5000, 3 + seed]) == ""


def test_every_limit_strikes_at_the_same_place() -> None:
    makers = engines()
    few = {name: makers[name] for name in makers if name in ("interpreter", "regions -O0")}
    for seed in (7, 12, 33):
        assert compare(seed, few, list(range(1, 40))) == ""


def test_programs_end_in_many_ways() -> None:
    kinds = set()
    for seed in range(150):
        around = Surroundings()
        code = Code(program(seed, around))
        kinds.add(outcome(code.insns, around, Careful(code), 400)[1][0])
    assert {"value", "memory", "limit"} <= kinds
