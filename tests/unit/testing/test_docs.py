"""What docs/testing.md shows does run."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

import bpfcc
from bpfcc.driver.asm_object import read_assembly
from bpfcc.objfile.write import to_bytes
from bpfcc.testing.bench import Bpf
from bpfcc.testing.session import Compiler
from bpfcc.uapi.helpers import HELPERS
from bpfcc.vm.calls.table import HELPERS as MODELLED
from tests.unit.testing.test_bench import SOURCE

PAGE = (Path(bpfcc.__file__).parent / "docs" / "testing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def names(number: int) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": __name__}
    exec(BLOCKS[number], space)
    return space


def test_the_first_example(tmp_path: Path) -> None:
    (tmp_path / "guard.c").write_text(SOURCE)
    with Bpf(Compiler(), folders=[str(tmp_path)]) as bench:
        names(0)["test_third_packet_is_dropped"](bench)


def test_surroundings_and_mocks(tmp_path: Path) -> None:
    (tmp_path / "guard.c").write_text(SOURCE)
    with Bpf(Compiler(), folders=[str(tmp_path)]) as bench:
        prog = bench.compile("guard.c")
        names(1)["describe"](prog)
        names(2)["replace"](prog)
        prog.run(bytes(60))
        assert prog.maps["flows"][{"address": 7, "protocol": 0}]["last"] == 5


def test_without_pytest() -> None:
    if importlib.util.find_spec("llvmlite") is None:
        pytest.skip("llvmlite is not installed")
    image = to_bytes(read_assembly("r0 = 2; exit", function="f", section="xdp"))
    assert names(3)["verdicts"](image, [bytes(60)] * 3) == [2, 2, 2]


def test_the_count_of_what_is_left_out() -> None:
    left = [
        helper for helper in HELPERS if helper.id not in MODELLED and helper.short != "tail_call"
    ]
    assert len(left) == 6
    assert "All helpers are modelled but six" in PAGE
