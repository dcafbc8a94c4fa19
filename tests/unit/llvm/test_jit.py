"""Native code gives the same result, fault, count and memory as the interpreter."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

from bpfcc.isa import insn as i
from bpfcc.isa.asm import assemble_insns
from bpfcc.isa.check import check
from bpfcc.isa.insn import Insn
from bpfcc.isa.table import ROWS, Row
from bpfcc.llvm import jit_state
from bpfcc.llvm.jit import MODES, Jit, engine
from bpfcc.vm.code import Code
from bpfcc.vm.engine import Careful, Engine
from bpfcc.vm.program import Result, from_insns
from tests.unit.vm.test_agreement import _instruction, outcome, random_program

Maker = Callable[[Code], Engine]
QUICK = engine(opt=0, cache=False)
BETTER = engine(opt=1, cache=False)


@pytest.mark.parametrize("block", range(6))
def test_random_programs(block: int) -> None:
    for seed in range(1000 + block * 40, 1000 + block * 40 + 40):
        insns = random_program(seed)
        limit = (3000, 17, 100, 3001)[seed % 4]
        expected = outcome(insns, Careful, limit)
        assert outcome(insns, QUICK, limit) == expected, seed
        if seed % 4 == 0:
            assert outcome(insns, BETTER, limit) == expected, seed


def test_every_limit_strikes_at_the_same_place() -> None:
    for seed in (3, 11, 29, 47, 81):
        insns = random_program(seed)
        native = QUICK(Code(insns))
        for limit in range(1, 60):
            expected = outcome(insns, Careful, limit)
            assert outcome(insns, lambda _, e=native: e, limit) == expected, (seed, limit)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_runs_alike(row: Row) -> None:
    for seed in range(2):
        rng = random.Random(f"{row.name} {seed}")
        insn = _instruction(rng, row)
        setup = [Insn(i.ALU64 | i.MOV | i.X, 9, 1)]
        for reg in (0, 1, 2, 3, 6, 7):
            setup.append(Insn(i.LD_IMM64, reg, imm=rng.choice((rng.getrandbits(64), 0, 1 << 63))))
        tail = [Insn(i.ALU64 | i.XOR | i.X, 0, reg) for reg in (1, 2, 3, 6, 7)]
        if row.op == "local":
            insn.imm = len(tail) + 1
        elif row.op == "func":
            insn.imm = 1 + len(tail) + 1
        elif row.op in ("map_fd", "map_idx"):
            insn.imm &= 0xFFFFFFFF
        elif row.kind == "jump" or row.op in ("goto", "may_goto"):
            insn.off = 2
        elif row.op == "gotol":
            insn.imm = 2
        insns = [*setup, insn, *tail, Insn(i.JMP | i.EXIT), Insn(i.JMP | i.EXIT)]
        assert check(insns) == []
        assert outcome(insns, QUICK, 1000) == outcome(insns, Careful, 1000), (insn, seed)


def test_going_over_to_better_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long run leaves quick code at a loop turn; all that can be seen stays the same."""
    monkeypatch.setattr(jit_state, "CHUNK", 60)
    begun: list[int] = []
    original = Jit.continuation

    def continuation(self: Jit, index: int) -> Callable[[int], int]:
        begun.append(index)
        return original(self, index)

    monkeypatch.setattr(Jit, "continuation", continuation)
    for seed in range(260):
        insns = random_program(seed)
        limit = (3000, 1700)[seed % 2]
        expected = outcome(insns, Careful, limit)
        if expected[-2] > 100:  # type: ignore[operator]
            assert outcome(insns, engine(cache=False), limit) == expected, seed
    assert len(begun) > 3


def run_text(text: str, make: Maker = QUICK, **options: int) -> Result:
    return from_insns(assemble_insns(text), engine=make).run(**options)


def test_interrupts_end_a_run() -> None:
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run_text("l: r1 += 1; goto l", limit=1 << 34)
    timer.join()
    assert run_text("r0 = 3; exit").value == 3


def test_a_mock_that_raises_is_a_fault(capfd: pytest.CaptureFixture[str]) -> None:
    program = from_insns(assemble_insns("r0 = 1; call 77; exit"), engine=QUICK)
    program.world.mock(77, lambda: 1 // 0)
    fault = program.run().fault
    assert fault is not None
    assert (fault.kind, fault.pc, fault.executed) == ("mock", 1, 1)
    assert capfd.readouterr().err == ""


def test_arena_contains_and_unchecked_finds_memory() -> None:
    text = """
        r1 = 0x123400000010 ll
        *(u64 *)(r1 + 0) = 77
        r2 = 0x987600000010 ll
        r0 = *(u64 *)(r2 + 0)
        exit"""
    fault = run_text(text).fault
    assert fault is not None
    assert (fault.kind, fault.pc) == ("memory", 2)
    assert run_text(text, engine("arena", cache=False)).check().value == 77


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("opt", [1, 2])
@pytest.mark.parametrize("length", [8, 40, 64, 71])
def test_swept_loops_stop_at_the_end_of_memory(mode: str, opt: int, length: int) -> None:
    """Loops whose bounds are tested for many turns at once: up, down, and beyond the end."""
    loop = """
        r3 = r1; r4 = r1; r4 += {start}; r5 = {turns}; r0 = 0
    l:  r2 = *(u{bits} *)(r4 + 0)
        r0 += r2
        *(u8 *)(r4 + 0) = r0
        r4 += {step}
        r5 -= 1
        if r5 != 0 goto l
        exit"""
    for bits, start, step, turns in (
        (8, 0, 1, length),
        (8, 0, 1, length + 1),
        (64, length - 8, -8, (length + 7) // 8),
        (64, length - 8, -8, length),
        (32, 0, 4, 100),
        (16, 0, 0, 1000),
    ):
        insns = assemble_insns(loop.format(bits=bits, start=start, step=step, turns=turns))
        for limit in (10000, 133):
            ends = []
            for make in (Careful, engine(mode, opt=opt, cache=False)):
                memory = bytearray(range(1, length + 1))
                result = from_insns(insns, engine=make).call_with_memory(memory, limit=limit)
                fault = result.fault
                ends.append((result.value, result.executed, bytes(memory), fault and str(fault)))
            if mode == "regions" or ends[0][3] is None:
                assert ends[0] == ends[1], (bits, start, step, turns, limit)


def test_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cached = engine(opt=0)
    assert run_text("r0 = 41; exit", cached).value == 41
    (file,) = (tmp_path / "bpfcc" / "jit").iterdir()
    before = file.stat().st_mtime_ns
    assert run_text("r0 = 41; exit", cached).value == 41
    assert file.stat().st_mtime_ns == before
    file.write_bytes(file.read_bytes()[:-9])  # damaged: made again, not run
    assert run_text("r0 = 41; exit", cached).value == 41
    assert run_text("r0 = 42; exit", cached).value == 42
    assert len(list(file.parent.iterdir())) == 2
    monkeypatch.setenv("BPFCC_NO_CACHE", "1")
    assert run_text("r0 = 43; exit", cached).value == 43
    assert len(list(file.parent.iterdir())) == 2


def test_llvmlite_is_imported_only_when_asked() -> None:
    code = "import sys, bpfcc, bpfcc.vm.load; print('llvmlite' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_unknown_mode() -> None:
    with pytest.raises(ValueError, match="'fast'"):
        engine("fast")
