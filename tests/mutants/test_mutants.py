"""A seeded part of the broken compilers; ``python -m tests.mutants`` runs them all."""

from __future__ import annotations

import importlib.util
import random

import pytest

from . import programs
from .rules import MUTANTS, Mutant

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("llvmlite") is None, reason="needs llvmlite"
)
_SEED = 3
_SOME = random.Random(_SEED).sample(MUTANTS, 8)


def test_there_are_twenty() -> None:
    assert len(MUTANTS) >= 20
    assert {mutant.room for mutant in MUTANTS} == {"codegen", "opt", "llvm"}
    assert {mutant.where for mutant in MUTANTS} <= set(programs.names())


@pytest.mark.parametrize("name", sorted({mutant.where for mutant in _SOME}))
def test_the_whole_compiler_passes(name: str) -> None:
    report = programs.verdict(name)
    assert report.verdict == "same", report


@pytest.mark.parametrize("mutant", _SOME, ids=repr)
def test_a_broken_one_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.apply(monkeypatch)
    report = programs.verdict(mutant.where)
    assert report.verdict == "differ"
    assert report.difference is not None and report.difference.steps
