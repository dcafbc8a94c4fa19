"""The first seeds of the fuzzer: backends, interpreter, JIT, kernel and the host agree."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import sys

import pytest

from tests.fuzz.compare import compare, has_compiler
from tests.fuzz.engines import Result

SEEDS = 500
_RECORDED = os.path.join(os.path.dirname(__file__), "expected.json.gz")


def recorded() -> list[list[Result]]:
    with gzip.open(_RECORDED, "rt", encoding="utf-8") as file:
        rows = json.load(file)
    return [[(value, tuple(outputs)) for value, outputs in seed] for seed in rows]


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_agree(first: int) -> None:
    kernel = sys.platform.startswith("linux") and os.geteuid() == 0
    llvm = importlib.util.find_spec("llvmlite") is not None
    expected = None if has_compiler() else recorded()
    found: list[str] = []
    for seed in range(first, first + 10):
        given = expected[seed] if expected is not None else None
        found += compare(seed, kernel=kernel, llvm=llvm, jit=llvm, expected=given)
    assert found == []


@pytest.mark.skipif(not has_compiler(), reason="gcc is not installed")
@pytest.mark.parametrize("seed", [51034, 52195])
def test_once_wrong(seed: int) -> None:
    """Values in SIGN form were taken for zero-extended, as their operands were."""
    assert compare(seed) == []


def test_recorded_results_are_those_of_the_host() -> None:
    if not has_compiler():
        pytest.skip("gcc is not installed")
    from tests.fuzz.engines import native
    from tests.fuzz.generate import generate, inputs

    rows = recorded()
    assert len(rows) == SEEDS
    for seed in (0, 17, 123, 299, 444):
        assert native(generate(seed), inputs(seed, 3)) == rows[seed]


def test_no_variable_hides_a_type() -> None:
    """Seed 879 had a variable called s16, and no compiler took it."""
    from tests.fuzz.generate import _NAMES, generate

    for seed in [*range(100), 879]:
        text = generate(seed).split("struct args", 1)[1]
        for name in _NAMES:
            assert f" {name} = " not in text, seed
