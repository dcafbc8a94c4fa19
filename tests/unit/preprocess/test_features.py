"""What ``__has_xxx`` answers is true of bpfcc, and never more than clang says."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from bpfcc.c.preprocess import features
from bpfcc.c.sema import builtins


def test_every_builtin_that_is_announced_exists() -> None:
    missing = [name for name in sorted(features.BUILTINS) if not builtins.is_builtin(name)]
    assert missing == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("__has_attribute", features.ATTRIBUTES),
        ("__has_feature", features.FEATURES),
        ("__has_extension", features.FEATURES | features.EXTENSIONS),
        ("__has_builtin", features.BUILTINS),
    ],
)
def test_clang_says_so_too(query: str, names: frozenset[str]) -> None:
    clang = shutil.which("clang-19")
    if clang is None:
        pytest.skip("clang-19 is not installed")
    ordered = sorted(names)
    out = subprocess.run(
        [clang, "-target", "bpf", "-E", "-P", "-x", "c", "-"],
        input="".join(f"= {query}({name})\n" for name in ordered),
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    answers = [line.split()[1] for line in out.splitlines() if line.startswith("=")]
    assert [name for name, value in zip(ordered, answers) if value == "0"] == []


def test_answers() -> None:
    assert features.answer("__has_attribute", "__always_inline__") == 1
    assert features.answer("__has_attribute", "no_such") == 0
    assert features.answer("__has_builtin", "__builtin_bswap16") == 1
    assert features.answer("__has_feature", "address_sanitizer") == 0
    assert features.answer("__has_extension", "c_static_assert") == 1
