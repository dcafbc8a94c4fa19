"""Speed of the user-space machine: nanoseconds per executed instruction, by engine.

The same three programs run in every engine and, for root, in the kernel (BPF_PROG_TEST_RUN), which
is the anchor: alu = xorshift, copy = 8-byte copies, branchy = three branches that depend on data.
"""

from __future__ import annotations

import importlib.util
import os
import random
import sys
import tempfile
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
from bpfcc.support.errors import InputError
from bpfcc.uapi.prog_types import ProgType
from bpfcc.vm.code import Code
from bpfcc.vm.engine import Careful, Engine, Interpreter
from bpfcc.vm.load import load
from bpfcc.vm.program import LoadedProgram
from bpfcc.vm.world import World

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
    """Return the engines that need nothing but Python, by name."""
    return {"interpreter": Interpreter, "careful": Careful}


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


def long(text: str) -> str:
    """Return the program with its loop repeated: native code needs more to be timed well."""
    if "inner:" not in text:
        return text.replace("r7 = 9000", "r7 = 1500000")
    if "outer:" in text:
        return text.replace("r7 = 32", "r7 = 6000")
    repeat = "    r9 = 750\nagain:\n    r8 = 0\ninner:"
    text = text.replace("    r8 = 0\ninner:", repeat)
    return text.replace(
        "goto inner\n    exit", "goto inner\n    r9 -= 1\n    if r9 != 0 goto again\n    exit"
    )


def native_rows() -> Iterator[str]:
    """Yield the rows of native code, each interleaved with the kernel: clocks drift."""
    try:
        from bpfcc.llvm.jit import MODES, engine

        makers = {
            f"{mode} -O{opt}": engine(mode, opt=opt, cache=False)
            for mode in MODES
            for opt in (1, 2)
        }
    except InputError:
        yield "  native code: needs llvmlite"
        return
    yield f"  {'native code':10} " + " ".join(f"{name:>14}" for name in makers) + "  kernel JIT"
    for name, text in PROGRAMS.items():
        obj = make(text)
        executed = load(obj, "main").run().check().executed
        programs = [load(make(long(text)), "main", engine=maker) for maker in makers.values()]
        best = [1e9] * len(programs)
        anchor: float | None = None
        for turn in range(40):
            kernel = in_kernel(obj, executed) if turn % 8 == 0 else anchor
            anchor = kernel if anchor is None or kernel is None else min(anchor, kernel)
            for k, program in enumerate(programs):
                start = time.perf_counter()
                count = program.run(limit=1 << 40).check().executed
                best[k] = min(best[k], (time.perf_counter() - start) / count * 1e9)
        cells = [
            f"{cell:6.3f} ({cell / anchor:4.2f}x)" if anchor else f"{cell:14.3f}" for cell in best
        ]
        yield (
            f"  {name:10} " + " ".join(cells) + (f"  {anchor:10.3f}" if anchor else "  needs root")
        )


def make_times() -> str:
    """Return how long native code takes to make and to take from the cache."""
    from bpfcc.llvm import jit_build

    body = "".join(
        f"r2 = *(u64 *)(r6 + {8 * k}); r2 ^= r3; if r2 > r3 goto n{k}; r3 += r2\nn{k}: r0 += r3\n"
        for k in range(45)
    )
    code = load(make(f"r6 = buffer ll\nr0 = 0; r3 = 1\n{body}exit"), "main").code
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        times = []
        for cache in (*[False] * 6, True, True, True):
            start = time.perf_counter()
            jit_build.build(code, "regions", 0, cache=cache)
            times.append((time.perf_counter() - start) * 1e3)
        del os.environ["XDG_CACHE_HOME"]
    return (
        f"  {len(code.insns)} instructions: made in {min(times[:6]):.1f} ms (goal 10), "
        f"from the cache in {min(times[7:]):.2f} ms (goal 2)"
    )


FILTER = """
    r2 = *(u32 *)(r1 + 4); r1 = *(u32 *)(r1 + 0); r3 = r1; r3 += 34; r0 = 2
    if r3 > r2 goto out
    r4 = *(u16 *)(r1 + 12)
    if r4 != 8 goto out
    r4 = *(u8 *)(r1 + 23)
    if r4 != 17 goto out
    r0 = 1
out: exit"""


def batch_rates() -> str:
    """Return how many packets a second a small XDP filter sees, one by one and in a batch."""
    from bpfcc.llvm.jit import engine

    rng = random.Random(2)
    packets = [rng.randbytes(100) for _ in range(4000)]
    code = Code(assemble(FILTER).insns)
    rates = []
    for make in (Interpreter, engine(opt=0, cache=False)):
        program = LoadedProgram("filter", World(), make(code), prog_type=ProgType.XDP)
        program.run(packet=packets[0]).check()
        best = 0.0
        for _ in range(3):
            start = time.perf_counter()
            program.run_batch(packets)
            best = max(best, len(packets) / (time.perf_counter() - start))
        rates.append(best)
    return f"  run_batch, packets a second: interpreter {rates[0]:,.0f}, native {rates[1]:,.0f}"


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
    yield from native_rows()
    if importlib.util.find_spec("llvmlite"):
        yield make_times()
        yield batch_rates()
