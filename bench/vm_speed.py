"""Speed of the user-space machine: nanoseconds per executed instruction, by engine.

The same three programs run in every engine and, for root, in the kernel (BPF_PROG_TEST_RUN), which
is the anchor: alu = xorshift, copy = 8-byte copies, branchy = three branches that depend on data.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator

from bpfcc.isa.asm import assemble
from bpfcc.objfile.model import (
    DataSection,
    DataSymbol,
    Function,
    Linkage,
    Object,
    Reloc,
    RelocKind,
)
from bpfcc.vm.code import Code
from bpfcc.vm.engine import Careful, Engine, Interpreter
from bpfcc.vm.load import load

ALU = """
    r0 = 0x123456789abcdef ll
    r7 = 9000
loop:
    r1 = r0; r1 <<= 13; r0 ^= r1
    r1 = r0; r1 >>= 7;  r0 ^= r1
    r1 = r0; r1 <<= 17; r0 ^= r1
    r7 -= 1
    if r7 != 0 goto loop
    exit"""
COPY = """
    r6 = buffer ll
    r0 = 0
    r7 = 32
outer:
    r1 = r6; r2 = r6; r2 += 4096; r3 = 512
inner:
    r4 = *(u64 *)(r1 + 0)
    *(u64 *)(r2 + 0) = r4
    r1 += 8; r2 += 8; r3 -= 1
    if r3 != 0 goto inner
    r7 -= 1
    if r7 != 0 goto outer
    exit"""
BRANCHY = """
    r6 = buffer ll
    r0 = 0
    r8 = 0
inner:
    r1 = r6; r1 += r8
    r2 = *(u8 *)(r1 + 0)
    if r2 & 1 goto odd
    r0 += r2
    goto next1
odd: r0 ^= r2
next1:
    if r2 > 100 goto big
    r0 += 3
    goto next2
big: r0 -= 7; r0 <<= 1
next2:
    if r2 s< 50 goto next3
    r0 += r8
next3:
    r8 += 1
    if r8 < 1900 goto inner
    exit"""
PROGRAMS = {"alu": ALU, "copy": COPY, "branchy": BRANCHY}


def make(text: str) -> Object:
    """Return an object with the program "main" and an 8 KiB buffer of random bytes."""
    assembly = assemble(text)
    obj = Object("bench.s")
    data = DataSection(".data", bytearray(random.Random(1).randbytes(8192)), 8)
    data.symbols.append(DataSymbol("buffer", 0, 8192, Linkage.GLOBAL))
    obj.data[".data"] = data
    relocs = [Reloc(r.slot, RelocKind.DATA, r.symbol, r.addend) for r in assembly.relocs]
    obj.functions.append(Function("main", "socket", assembly.insns, relocs=relocs))
    return obj


def engines() -> dict[str, Callable[[Code], Engine]]:
    """Return the engines by name; the JIT only where llvmlite is installed."""
    found: dict[str, Callable[[Code], Engine]] = {"interpreter": Interpreter, "careful": Careful}
    try:
        from bpfcc.llvm.jit import engine

        found["jit"] = engine()
    except ImportError:
        pass
    return found


def in_engine(obj: Object, make_engine: Callable[[Code], Engine]) -> float:
    """Return the best nanoseconds per instruction of several runs."""
    program = load(obj, "main", engine=make_engine)
    best = 1e9
    deadline = time.perf_counter() + 0.4
    while time.perf_counter() < deadline:
        start = time.perf_counter()
        result = program.run().check()
        best = min(best, (time.perf_counter() - start) / result.executed * 1e9)
    return best


def in_kernel(obj: Object, executed: int) -> float | None:
    """Return the kernel's nanoseconds per instruction, None without the right to load."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return None
    from bpfcc.kernel.load import load as kernel_load
    from bpfcc.kernel.testrun import test_run

    with kernel_load(obj) as loader:
        times = [
            test_run(loader.programs["main"], repeat=2000).duration_ns / executed for _ in range(3)
        ]
    return min(times)


def run() -> Iterator[str]:
    """Yield the rows of the table."""
    found = engines()
    yield f"  {'program':10} " + " ".join(f"{name:>12}" for name in found) + f" {'kernel JIT':>12}"
    for name, text in PROGRAMS.items():
        obj = make(text)
        executed = load(obj, "main").run().check().executed
        cells = [in_engine(obj, engine) for engine in found.values()]
        anchor = in_kernel(obj, executed)
        row = f"  {name:10} " + " ".join(f"{cell:12.2f}" for cell in cells)
        yield row + (f" {anchor:12.3f}" if anchor is not None else f" {'needs root':>12}")
