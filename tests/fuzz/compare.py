"""One generated program, compiled and run every way there is; what differs is said."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence

from bpfcc.support.errors import InputError
from bpfcc.vm.faults import Fault

from .engines import CompileFailed, Result, clang_loads, compile_bpf, in_kernel, in_vm, native
from .generate import generate, inputs

# What the kernel's verifier refuses in any compiler's code of the same program: random loops that
# depend on data may take more than a million steps to walk.
_TOO_LARGE = ("too large", "too complex", "E2BIG")

CONFIGURATIONS = [
    ("direct", 3, 2),
    ("direct", 1, 2),
    ("direct", 2, 2),
    ("direct", 4, 2),
    ("direct", 3, 0),
]

JIT_MODES = ("regions", "arena", "unchecked")


class Tally:
    """What the kernel said: loads asked for and refused by backend, and clang's as a yardstick.

    ``clang``: of the programs whose LLVM object was refused, how many of clang's were refused too,
    and how many were not.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.clang: Counter[bool] = Counter()

    def __str__(self) -> str:
        if not self.asked:
            return "the kernel was not asked"
        parts = [
            f"{backend}: {self.refused[backend]} of {asked} objects"
            for backend, asked in sorted(self.asked.items())
        ]
        text = "refused by the kernel: " + ", ".join(parts)
        if self.clang:
            both = self.clang[False]
            text += f" (of those programs clang's object is refused too in {both}, taken in "
            text += f"{self.clang[True]})"
        return text


def configurations(seed: int, *, llvm: bool) -> list[tuple[str, int, int]]:
    """Return which (backend, mcpu, level) to try: v3 always, the others in turn."""
    chosen = [CONFIGURATIONS[0], CONFIGURATIONS[1 + seed % 4]]
    if llvm:
        chosen.append(("llvm", 3, 2))
    return chosen


def jit_of(seed: int) -> tuple[str, int]:
    """Return the JIT's mode and level for a program; native code that is optimised costs more."""
    return JIT_MODES[seed % 3], 1 if seed % 10 == 0 else 0


def has_compiler() -> bool:
    """Whether the host has a compiler to say what is right."""
    return shutil.which("gcc") is not None


def compare(
    seed: int,
    *,
    rows: int = 3,
    kernel: bool = False,
    llvm: bool = False,
    jit: bool = False,
    expected: Sequence[Result] | None = None,
    tally: Tally | None = None,
) -> list[str]:
    """Return one line per disagreement about program ``seed``; [] when all agree.

    Args:
        seed: which program.
        rows: how many sets of inputs.
        kernel: run in the kernel as well.
        llvm: compile by the LLVM backend as well.
        jit: run one of the objects, in turn, as native code as well, the modes of the JIT in turn.
        expected: recorded results, for hosts without a compiler.
        tally: takes what the kernel refused. That is no disagreement for LLVM's objects (it does
            not keep what the verifier needs to see), nor where a loop is too large to walk.
    """
    if jit:
        from bpfcc.llvm.jit import engine as native_engine
    text, given = generate(seed), inputs(seed, rows)
    want = list(expected) if expected is not None else native(text, given)
    found = []
    chosen = configurations(seed, llvm=llvm)
    for number, (backend, mcpu, level) in enumerate(chosen):
        label = f"seed {seed} {backend} -mcpu=v{mcpu} -O{level}"
        try:
            verify = seed % 4 == number  # takes a third of the time of a compilation
            obj = compile_bpf(text, mcpu=mcpu, opt_level=level, backend=backend, verify_each=verify)
        except CompileFailed as error:
            found.append(f"{label}: does not compile: {error}")
            continue
        except Exception as error:  # a bug of ours is a finding, not the end of the run
            found.append(f"{label}: the compiler failed: {type(error).__name__}: {error}")
            continue
        try:
            if in_vm(obj, given) != want:
                found.append(f"{label}: wrong result in the user-space machine")
        except (Fault, InputError) as error:
            found.append(f"{label}: user-space machine: {error}")
        if jit and number == seed // 3 % len(chosen):
            mode, level_of_jit = jit_of(seed)
            try:
                engine = native_engine(mode, opt=level_of_jit, cache=False)
                if in_vm(obj, given, engine) != want:
                    found.append(f"{label}: wrong result as native code, mode {mode}")
            except (Fault, InputError) as error:
                found.append(f"{label}: native code, mode {mode}: {error}")
        if not kernel:
            continue
        if tally is not None:
            tally.asked[backend] += 1
        try:
            if in_kernel(obj, given) != want:
                found.append(f"{label}: wrong result in the kernel")
        except InputError as error:
            if tally is not None:
                tally.refused[backend] += 1
                loads = clang_loads(text) if backend == "llvm" else None
                if loads is not None:
                    tally.clang[loads] += 1
            if backend == "direct" and not any(word in str(error) for word in _TOO_LARGE):
                found.append(f"{label}: kernel: {error}")
    return found
