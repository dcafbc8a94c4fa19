"""Ways to run one generated program: the host's compiler, our two backends, VM and kernel."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.objfile.model import Object
from bpfcc.support.diagnostics import Sink
from bpfcc.support.render import TextRenderer
from bpfcc.support.source import SourceFile
from bpfcc.vm.load import MakeEngine

from .generate import INPUTS, OUTPUTS

Result = tuple[int, tuple[int, ...]]
"""What a run gives: the 32-bit return value and the eight 64-bit outputs."""


class CompileFailed(Exception):
    """Our compiler refused a generated program: always a bug."""


def compile_bpf(
    text: str,
    *,
    mcpu: int = 3,
    opt_level: int = 2,
    backend: str = "direct",
    verify_each: bool = True,
) -> Object:
    """Compile with ours; Raises: CompileFailed with the rendered diagnostics."""
    options = Options()
    options.mcpu = mcpu
    options.opt_level = opt_level
    options.backend = backend
    options.verify_each = verify_each
    sink = Sink()
    obj = compile_source(SourceFile("fuzz.c", text), options, sink)
    if obj is None:
        raise CompileFailed(TextRenderer().render_all(sink.diagnostics))
    return obj


class _Args(ctypes.Structure):
    _fields_ = [("inputs", ctypes.c_uint64 * INPUTS), ("outputs", ctypes.c_uint64 * OUTPUTS)]


def native(text: str, rows: Sequence[Sequence[int]], *, compiler: str = "gcc") -> list[Result]:
    """Compile for the host and run over ``rows`` of inputs; globals start afresh for each row."""
    path = shutil.which(compiler)
    if path is None:
        raise FileNotFoundError(compiler)
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        source, library = os.path.join(folder, "p.c"), os.path.join(folder, "p.so")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        subprocess.run(
            [
                path,
                "-w",
                "-O1",
                "-fwrapv",
                "-fno-strict-aliasing",
                "-fPIC",
                "-shared",
                "-DNATIVE",
                source,
                "-o",
                library,
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        for i, row in enumerate(rows):
            # A copy has globals of its own.
            copy = os.path.join(folder, f"p{i}.so")
            shutil.copy(library, copy)
            prog = ctypes.CDLL(copy).prog
            prog.restype = ctypes.c_uint32
            args = _Args()
            args.inputs[:] = list(row)
            value = prog(ctypes.byref(args))
            results.append((value, tuple(args.outputs)))
    return results


def unpack(value: int, context: bytes) -> Result:
    """Return the result that a run left in its context buffer."""
    args = _Args.from_buffer_copy(context)
    return value & 0xFFFFFFFF, tuple(args.outputs)


def pack(row: Sequence[int]) -> bytes:
    """Return the context buffer for one row of inputs."""
    args = _Args()
    args.inputs[:] = list(row)
    return bytes(args)


def clang_loads(text: str) -> bool | None:
    """Tell whether the kernel takes clang's object of a program; None without such a clang."""
    from bpfcc.driver.objects import read_object
    from bpfcc.kernel.load import load
    from bpfcc.support.errors import InputError

    path = next(filter(None, map(shutil.which, ("clang", "clang-19", "clang-18"))), None)
    if path is None:
        return None
    include = os.path.join(os.path.dirname(__file__), "..", "..", "include")
    with tempfile.TemporaryDirectory() as folder:
        source, product = os.path.join(folder, "p.c"), os.path.join(folder, "p.o")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        command = [path, "-target", "bpf", "-mcpu=v3", "-O2", "-g", "-w", f"-I{include}", "-c"]
        done = subprocess.run([*command, source, "-o", product], capture_output=True, timeout=60)
        if done.returncode:
            return None
        try:
            load(read_object(product)).close()
        except InputError:
            return False
    return True


Engine = Callable[[Object, Sequence[Sequence[int]]], list[Result]]


def in_kernel(obj: Object, rows: Sequence[Sequence[int]]) -> list[Result]:
    """Load into the running kernel and run; a fresh load per row, so that globals start afresh.

    Raises: LoadError when the kernel rejects the program.
    """
    from bpfcc.kernel.load import load
    from bpfcc.kernel.testrun import test_run

    results = []
    writes_globals = any(name.startswith((".data", ".bss")) for name in obj.data)
    if not writes_globals:
        with load(obj) as loaded:
            for row in rows:
                ran = test_run(loaded.programs["prog"], context=pack(row))
                results.append(unpack(ran.retval, ran.context))
        return results
    for row in rows:
        with load(obj) as loaded:
            ran = test_run(loaded.programs["prog"], context=pack(row))
            results.append(unpack(ran.retval, ran.context))
    return results


def in_vm(
    obj: Object, rows: Sequence[Sequence[int]], engine: MakeEngine | None = None
) -> list[Result]:
    """Run in the user-space machine, in a fresh world per row; ``engine`` is what executes it.

    Raises: Fault when a run does not end well.
    """
    from bpfcc.vm.engine import Interpreter
    from bpfcc.vm.load import load

    results = []
    for row in rows:
        program = load(obj, "prog", engine=engine or Interpreter)
        memory = bytearray(pack(row))
        result = program.call_with_memory(memory).check()
        results.append(unpack(result.value, bytes(memory)))
    return results
