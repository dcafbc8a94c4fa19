"""The language, run: our code against recorded results, and those against gcc where it is."""

from __future__ import annotations

import importlib.util
import pathlib
import shutil
import struct
import subprocess
from typing import Any

import pytest

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.isa.disasm import format_insn
from bpfcc.objfile.model import Object
from bpfcc.support.diagnostics import Severity, Sink
from bpfcc.support.source import SourceFile
from bpfcc.vm.engine import Interpreter
from bpfcc.vm.load import load as load_in_vm

_spec = importlib.util.spec_from_file_location(
    "language", pathlib.Path(__file__).with_name("language.py")
)
assert _spec is not None and _spec.loader is not None
language = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(language)

FILES = sorted(path.name for path in language.FOLDER.glob("*.c"))
LEVELS = [(0, 3), (2, 3), (2, 1), (2, 4)]


def text_of(name: str) -> str:
    return (language.FOLDER / name).read_text(encoding="utf-8")


def compiled(
    name: str,
    opt_level: int,
    mcpu: int,
    without: set[str] | None = None,
    *,
    big_endian: bool = False,
) -> Object:
    options = Options()
    options.big_endian = big_endian
    options.opt_level = opt_level
    options.mcpu = mcpu
    options.verify_each = True
    sink = Sink()
    source = language.bpf_source(text_of(name), without=without)
    obj = compile_source(SourceFile(name, source), options, sink)
    assert obj is not None and not sink.errors, sink.diagnostics
    return obj


def check(name: str, results: list[int]) -> None:
    wrong = [
        f"{case.function}({case.a}, {case.b}) = {got}, not {case.result}"
        for case, got in zip(language.cases(text_of(name)), results)
        if got != case.result
    ]
    assert not wrong, "\n".join(wrong)


def in_vm(obj: Object, case: Any, layout: str) -> int:
    """Run one case in a fresh world of the user-space machine."""
    program = load_in_vm(obj, "run_" + case.function, engine=Interpreter)
    memory = bytearray(struct.pack(layout, case.a, case.b, 0))
    program.call_with_memory(memory).check()
    result: int = struct.unpack(layout, memory)[2]
    return result


def levels(name: str) -> list[tuple[int, int]]:
    """Atomics with results need v3."""
    return [level for level in LEVELS if name != "atomics.c" or level[1] >= 3]


@pytest.mark.parametrize(
    ("name", "level"), [(name, level) for name in FILES for level in levels(name)]
)
def test_in_the_vm(name: str, level: tuple[int, int]) -> None:
    obj = compiled(name, *level)
    results = [in_vm(obj, case, "<qqq") for case in language.cases(text_of(name))]
    check(name, results)


@pytest.mark.kernel
@pytest.mark.parametrize("level", [(0, 3), (2, 3)])
@pytest.mark.parametrize("name", FILES)
def test_in_the_kernel(name: str, level: tuple[int, int]) -> None:
    from bpfcc.kernel.load import load
    from bpfcc.kernel.testrun import test_run

    text = text_of(name)
    without = language.only_in_vm(text)
    obj = compiled(name, *level, without)
    results = []
    fresh = any(section.startswith((".data", ".bss")) for section in obj.data)
    loaded = load(obj)
    for case in language.cases(text):
        if case.function in without:
            results.append(case.result)
            continue
        if fresh and results:
            loaded.close()
            loaded = load(obj)
        context = struct.pack("<qqq", case.a, case.b, 0)
        ran = test_run(loaded.programs["run_" + case.function], context=context)
        results.append(struct.unpack("<qqq", ran.context)[2])
    loaded.close()
    check(name, results)


@pytest.mark.peer
@pytest.mark.skipif(not language.has_gcc(), reason="needs gcc")
@pytest.mark.parametrize("name", FILES)
def test_recorded_results_are_gccs(name: str) -> None:
    check(name, language.native(text_of(name)))


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("clang-19") is None, reason="needs clang-19")
@pytest.mark.parametrize("opt_level", [0, 2])
@pytest.mark.parametrize(
    "name", ["bitfields.c", "control.c", "functions.c", "globals.c", "objects.c"]
)
def test_big_endian_as_clang(name: str, opt_level: int, tmp_path: pathlib.Path) -> None:
    """Byte order shows in unions, bit-fields and copies: clang's code for bpfeb says what is right."""
    from bpfcc.objfile.read import from_bytes

    text = text_of(name)
    source = tmp_path / "case.c"
    source.write_text(language.bpf_source(text), encoding="utf-8")
    target = tmp_path / "case.o"
    command = ["clang-19", "-target", "bpfeb", "-mcpu=v3", "-O2", "-w", "-fwrapv", "-Wno-error"]
    subprocess.run(
        [*command, "-c", str(source), "-o", str(target)],
        check=True,
        timeout=60,
    )
    theirs = from_bytes(target.read_bytes(), "case.o")
    ours = compiled(name, opt_level, 3, big_endian=True)
    wrong = []
    for case in language.cases(text):
        want, got = (in_vm(obj, case, ">qqq") for obj in (theirs, ours))
        if want != got:
            wrong.append(f"{case.function}({case.a}, {case.b}) = {got}, clang: {want}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("big_endian", [False, True])
def test_an_instruction_written_as_a_literal(big_endian: bool) -> None:
    text = """
    struct insn { unsigned char code; unsigned char dst : 4, src : 4; short off; int imm; };
    __attribute__((section("socket"), naked)) int prog(void *ctx)
    {
        asm volatile("r0 = 3; .8byte %[store]; exit" : : [store] "i"(*(long *)&(
            (struct insn){ .code = 0x7a, .dst = 10, .off = -8, .imm = 42 })));
    }
    """
    options = Options()
    options.big_endian = big_endian
    sink = Sink()
    obj = compile_source(SourceFile("literal.c", text), options, sink)
    assert obj is not None, sink.diagnostics
    found = [(i.opcode, i.dst, i.src, i.off, i.imm) for i in obj.functions[0].insns]
    assert found == [(0xB7, 0, 0, 0, 3), (0x7A, 10, 0, -8, 42), (0x95, 0, 0, 0, 0)]


def test_stdatomic_header() -> None:
    text = """
    #include <stdatomic.h>
    static atomic_ulong total;
    static _Atomic unsigned int flags = 5;
    __attribute__((section("syscall"))) int prog(void *ctx)
    {
        unsigned int expected = 4;
        atomic_fetch_add(&total, 7);
        atomic_fetch_and_explicit(&flags, 12, memory_order_relaxed);
        if (!atomic_compare_exchange_strong(&flags, &expected, 9))
            return -1;
        return atomic_load(&total) * 100 + atomic_exchange(&flags, 1) * 10 + atomic_load(&flags);
    }
    """
    sink = Sink()
    obj = compile_source(SourceFile("atomic.c", text), Options(), sink)
    assert obj is not None, sink.diagnostics
    names = [format_insn(i) for i in obj.functions[0].insns]
    assert sum("atomic" in name or "lock" in name or "xchg" in name for name in names) == 4, names
    assert load_in_vm(obj, "prog", engine=Interpreter).run(bytes(8)).ret == 791


def test_operators_on_atomic_objects() -> None:
    text = """
    static _Atomic unsigned long a;
    static _Atomic unsigned int b;
    static int *_Atomic p;
    struct args { unsigned long out[8]; };
    __attribute__((section("syscall"))) int prog(struct args *ctx)
    {
        a += 5;
        ctx->out[0] = a++;
        ctx->out[1] = --a;
        ctx->out[2] = b |= 12;
        b ^= 4;
        ctx->out[3] = b;
        p += 2;
        ctx->out[4] = (unsigned long)p--;
        ctx->out[5] = (unsigned long)p;
        return 0;
    }
    """
    sink = Sink()
    obj = compile_source(SourceFile("atomic.c", text), Options(), sink)
    assert obj is not None, sink.diagnostics
    names = [format_insn(i) for i in obj.functions[0].insns]
    assert sum("atomic" in name or "lock" in name for name in names) == 7, names
    memory = bytearray(64)
    load_in_vm(obj, "prog", engine=Interpreter).call_with_memory(memory).check()
    assert list(struct.unpack("=6Q", memory[:48])) == [5, 5, 12, 8, 8, 4]


@pytest.mark.parametrize("statement", ["x <<= 1", "x *= 3", "c += 1"])
def test_operators_that_bpf_has_not_atomically(statement: str) -> None:
    text = f"_Atomic int x; _Atomic char c; void f(void) {{ {statement}; }}"
    sink = Sink()
    compile_source(SourceFile("atomic.c", text), Options(), sink)
    assert [d.id for d in sink.diagnostics if d.severity is Severity.ERROR] == ["bpf-atomic"]
