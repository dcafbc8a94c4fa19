"""One generated program, compiled and run every way there is; what differs is said."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from bpfcc.support.errors import InputError
from bpfcc.vm.faults import Fault

from .engines import CompileFailed, Result, compile_bpf, in_kernel, in_vm, native
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
) -> list[str]:
    """Return one line per disagreement about program ``seed``; [] when all agree.

    Args:
        seed: which program.
        rows: how many sets of inputs.
        kernel: run in the kernel as well.
        llvm: compile by the LLVM backend as well.
        jit: run the objects as native code as well, the modes of the JIT in turn.
        expected: recorded results, for hosts without a compiler.
    """
    if jit:
        from bpfcc.llvm.jit import engine as native_engine
    text, given = generate(seed), inputs(seed, rows)
    want = list(expected) if expected is not None else native(text, given)
    found = []
    for backend, mcpu, level in configurations(seed, llvm=llvm):
        label = f"seed {seed} {backend} -mcpu=v{mcpu} -O{level}"
        try:
            obj = compile_bpf(text, mcpu=mcpu, opt_level=level, backend=backend)
        except CompileFailed as error:
            found.append(f"{label}: does not compile: {error}")
            continue
        try:
            if in_vm(obj, given) != want:
                found.append(f"{label}: wrong result in the user-space machine")
        except (Fault, InputError) as error:
            found.append(f"{label}: user-space machine: {error}")
        if jit:
            mode, level_of_jit = jit_of(seed)
            try:
                engine = native_engine(mode, opt=level_of_jit, cache=False)
                if in_vm(obj, given, engine) != want:
                    found.append(f"{label}: wrong result as native code, mode {mode}")
            except (Fault, InputError) as error:
                found.append(f"{label}: native code, mode {mode}: {error}")
        if not kernel:
            continue
        try:
            if in_kernel(obj, given) != want:
                found.append(f"{label}: wrong result in the kernel")
        except InputError as error:
            if backend == "direct" and not any(word in str(error) for word in _TOO_LARGE):
                found.append(f"{label}: kernel: {error}")
    return found
