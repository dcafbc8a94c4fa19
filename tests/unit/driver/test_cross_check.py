"""Cross-check: both backends agree on the filters, and a wrong instruction does not go unseen."""

from __future__ import annotations

import functools
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bpfcc.cli.main import main
from bpfcc.driver import pipeline
from bpfcc.driver.cross_check import Report, compare, compile_reference, cross_check
from bpfcc.driver.cross_inputs import Inputs, Shape, Step
from bpfcc.driver.cross_shrink import shrink
from bpfcc.driver.options import Options
from bpfcc.isa.insn import JEQ, JNE, Insn
from bpfcc.isa.table import ALU, ATOMIC, JUMP, LDX, STX, lookup
from bpfcc.objfile.model import Object
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

FILTERS = Path(__file__).parents[3] / "filters"
needs_llvm = pytest.mark.skipif(
    importlib.util.find_spec("llvmlite") is None, reason="needs llvmlite"
)


def _compile(name: str) -> Object:
    obj = pipeline.compile_source(pipeline.read_source(str(FILTERS / name)), Options(), Sink())
    assert obj is not None
    return obj


@functools.cache
def _reference(name: str) -> Object:
    obj = compile_reference(pipeline.read_source(str(FILTERS / name)), Options())
    assert obj is not None
    return obj


@needs_llvm
@pytest.mark.parametrize("name", ["dropmon.c", "xdpguard.c", "syscount.c"])
def test_filters_agree(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cross-check", str(FILTERS / name), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["verdict"] == "same"
    program = row["programs"][name[:-2]]
    assert program["inputs"] == 200 and program["faults"] == 0
    for have, total in program["branches"].values():
        assert 0 < have <= total
        assert have * 10 >= total * 6  # the rest are tests of array elements for null


@needs_llvm
def test_same_seed_same_report() -> None:
    one, two = _compile("xdpguard.c"), _reference("xdpguard.c")
    assert compare(one, two, budget=60, seed=3) == compare(one, two, budget=60, seed=3)


# A mutant: which instruction (kind, operation, immediate; the first that fits) and its change.
Fits = Callable[[Insn], bool]
Change = Callable[[Insn], None]


def _find(kind: str, op: str, imm: int | None = None, size: int | None = None) -> Fits:
    def fits(insn: Insn) -> bool:
        row = lookup(insn)
        return (
            row is not None
            and row.kind == kind
            and (not op or row.op == op)
            and (imm is None or (not row.reg and insn.imm == imm))
            and (size is None or row.size == size)
        )

    return fits


def _flip(insn: Insn) -> None:
    insn.opcode ^= JEQ ^ JNE


def _imm(by: int) -> Change:
    def change(insn: Insn) -> None:
        insn.imm += by

    return change


def _off(by: int) -> Change:
    def change(insn: Insn) -> None:
        insn.off += by

    return change


def _any_jump(insn: Insn) -> bool:
    row = lookup(insn)
    return row is not None and row.kind == JUMP and row.op in ("jeq", "jne")


def _null_test(insn: Insn) -> bool:
    # Which way the jump goes is the optimiser's choice.
    return _any_jump(insn) and _find(JUMP, "", 0)(insn)


MUTANTS: list[tuple[str, str, Fits, Change]] = [
    ("xdpguard.c", "EtherType compared wrongly", _find(JUMP, "jne", 8), _imm(1)),
    ("xdpguard.c", "EtherType test flipped", _find(JUMP, "jne", 8), _flip),
    ("xdpguard.c", "protocol compared wrongly", _find(JUMP, "jne", 17), _imm(-1)),
    ("xdpguard.c", "protocol test flipped", _find(JUMP, "jne", 17), _flip),
    ("xdpguard.c", "header length bound off by one", _find(JUMP, "", 5), _imm(1)),
    ("xdpguard.c", "header length mask", _find(ALU, "and", 15), _imm(-8)),
    ("xdpguard.c", "null test flipped", _null_test, _flip),
    ("xdpguard.c", "counts two for one", _find(ALU, "add", 1), _imm(1)),
    ("xdpguard.c", "UDP header length", _find(ALU, "add", 8), _imm(-1)),
    ("xdpguard.c", "port from the wrong place", _find(LDX, "", None, 2), _off(1)),
    ("syscount.c", "process id shifted wrongly", _find(ALU, "rsh", 32), _imm(-31)),
    ("syscount.c", "first count is two", _find(ALU, "mov", 1), _imm(1)),
    ("syscount.c", "comm is cut", _find(ALU, "mov", 16), _imm(-12)),
    ("syscount.c", "lookup test flipped", _any_jump, _flip),
    ("syscount.c", "adds to the word behind", _find(ATOMIC, ""), _off(-8)),
    ("syscount.c", "key stored elsewhere", _find(STX, "", None, 4), _off(4)),
]


def _mutate(obj: Object, fits: Fits, change: Change) -> bool:
    for function in obj.functions:
        for insn in function.insns:
            if fits(insn):
                change(insn)
                return True
    return False


@needs_llvm
@pytest.mark.parametrize("mutant", MUTANTS, ids=[f"{m[0][:-2]}: {m[1]}" for m in MUTANTS])
def test_finds_a_wrong_instruction(mutant: tuple[str, str, Fits, Change]) -> None:
    name, _, fits, change = mutant
    obj = _compile(name)
    assert _mutate(obj, fits, change), "the instruction to break is not there"
    report = compare(obj, _reference(name), shrink_runs=30)
    assert report.verdict == "differ"
    difference = report.difference
    assert difference is not None and difference.left != difference.right
    assert 1 <= len(difference.steps) <= 3


@needs_llvm
def test_input_is_shrunk_and_lines_named() -> None:
    obj = _compile("xdpguard.c")
    assert _mutate(obj, _find(JUMP, "jne", 17), _flip)
    difference = compare(obj, _reference("xdpguard.c")).difference
    assert difference is not None
    (step,) = difference.steps
    assert step.packet is not None and len(step.packet) <= 43
    assert step.packet[12:14] == b"\x08\x00"
    assert not any(step.packet[:12]), "the addresses do not matter"
    assert any("xdpguard.c:" in line for line in difference.lines)


@needs_llvm
def test_difference_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(*_args: object, **_more: object) -> Report:
        obj = _compile("syscount.c")
        _mutate(obj, _any_jump, _flip)
        return compare(obj, _reference("syscount.c"))

    monkeypatch.setattr("bpfcc.cli.cross_check.cross_check", wrong)
    path = str(FILTERS / "syscount.c")
    assert main(["cross-check", path]) == 1
    text = capsys.readouterr().out
    assert "syscount: " in text and " differs\n" in text and "they part at:" in text
    assert main(["cross-check", path, "--json"]) == 1
    row = json.loads(capsys.readouterr().out)
    assert row["verdict"] == "differ" and row["difference"]["steps"]


def test_without_llvmlite_it_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    from bpfcc.llvm import door

    door.binding.cache_clear()
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    try:
        source = pipeline.read_source(str(FILTERS / "syscount.c"))
        report = cross_check(source, Options(), Sink())
    finally:
        door.binding.cache_clear()
    assert report.verdict == "unknown" and "llvmlite" in report.reason


def test_what_does_not_compile_cannot_be_told() -> None:
    sink = Sink()
    report = cross_check(SourceFile("x.c", "int f( {"), Options(), sink)
    assert report.verdict == "unknown" and sink.errors


def test_inputs_are_the_same_for_one_seed() -> None:
    shapes = {"p": Shape((("mark", 4),), 0, True), "q": Shape((), 0, False)}
    streams = []
    for _ in range(2):
        inputs = Inputs(shapes, [17, 0x800], 5, 0xFFFF888000010000)
        streams.append([inputs.make(name) for name in ("p", "q") * 40])
    assert streams[0] == streams[1]
    assert len({repr(step) for step in streams[0]}) > 60


def test_shrinks_to_what_matters() -> None:
    """A difference that needs one earlier step and one byte of the last packet."""

    def differs(steps: list[Step]) -> int | None:
        primed = False
        for i, step in enumerate(steps):
            packet = step.packet or b""
            if primed and len(packet) > 20 and packet[20] == 7:
                return i + 1
            primed = primed or step.pid == 9
        return None

    steps = [Step("p", {"mark": i}, bytes(range(60)), pid=i) for i in range(30)]
    steps.append(Step("p", {"mark": 5}, bytes([7] * 60), pid=3, wait=10))
    found = shrink(steps, differs, 500)
    assert [step.pid for step in found] == [9, 1000]
    assert found[-1] == Step("p", {}, bytes(20) + b"\x07")
