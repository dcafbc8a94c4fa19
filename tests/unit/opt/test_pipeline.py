"""The pipeline: what the callback sees and decides, levels, and what is reported."""

from __future__ import annotations

from bpfcc.ir.module import Function, Module
from bpfcc.ir.parser import parse_module
from bpfcc.ir.printer import print_module
from bpfcc.ir.verify import verify
from bpfcc.opt.pipeline import OptOptions, optimize
from bpfcc.support.diagnostics import Severity, Sink

HEAD = 'section ".text" linkage'
TEXT = f"""
func @inner(ptr %p, i64 %x) -> i64 {HEAD} static inline always {{
entry:
  %a = alloca ptr size=8 align=8
  store %a, %x
  %b = load i64 %a
  ret %b
}}
func @f(ptr %p, i64 %x) -> i64 {HEAD} global {{
entry:
  %a = call i64 func @inner(%p, %x)
  %b = add i64 %a, i64 0
  ret %b
}}
"""


class Recorder:
    def __init__(self, limit: int = 1000) -> None:
        self.names: list[str] = []
        self.limit = limit

    def before(self, name: str, unit: Module | Function) -> bool:
        if len(self.names) >= self.limit:
            return False
        self.names.append(name)
        return True

    def after(self, name: str, unit: Module | Function, changed: bool) -> None:
        verify(unit)
        assert self.names[-1] == name


def test_the_callback_sees_each_pass_and_may_stop() -> None:
    module = parse_module(TEXT)
    all_passes = Recorder()
    optimize(module, OptOptions(), all_passes)
    assert {"inline", "mem2reg", "gvn", "dce-module"} <= set(all_passes.names)
    assert [f.name for f in module.functions] == ["f"]
    assert "ret %x.1" in print_module(module)

    module = parse_module(TEXT)
    before = print_module(module)
    none = Recorder(limit=0)
    optimize(module, OptOptions(), none)
    assert print_module(module) == before
    for limit in range(len(all_passes.names)):
        module = parse_module(TEXT)
        optimize(module, OptOptions(), Recorder(limit))
        verify(module)


def test_level_0_inlines_what_must_be_and_promotes() -> None:
    module = parse_module(TEXT)
    optimize(module, OptOptions(level=0))
    text = print_module(module)
    assert "call" not in text
    assert "alloca" not in text
    assert "add i64 %x.1, i64 0" in text


def test_unused_statics_may_be_kept() -> None:
    module = parse_module(TEXT)
    optimize(module, OptOptions(keep_unused=True))
    assert [f.name for f in module.functions] == ["inner", "f"]


def test_recursion_of_an_inlined_function_is_reported() -> None:
    module = parse_module(
        f"func @f(i64 %x) -> i64 {HEAD} global inline always {{\n"
        "entry:\n  %a = call i64 func @f(%x)\n  ret %a\n}\n"
    )
    sink = Sink()
    optimize(module, OptOptions(), None, sink)
    assert [d.id for d in sink.diagnostics] == ["bpf-recursion"]


def test_a_loop_that_cannot_be_unrolled_is_reported() -> None:
    module = parse_module(
        f"""func @f(ptr %p, i64 %n) -> void {HEAD} global {{
entry:
  br loop
loop:
  %i = phi i64 [i64 0, entry], [%j, loop]
  store %p, %i
  %j = add i64 %i, i64 1
  %c = ult i1 %j, %n
  condbr %c, loop, out unroll=0
out:
  ret
}}
"""
    )
    sink = Sink()
    optimize(module, OptOptions(), None, sink)
    (found,) = sink.diagnostics
    assert found.severity == Severity.WARNING
    assert found.group == "pass-failed"


def test_a_function_of_six_parameters_is_inlined() -> None:
    params = ", ".join(f"i64 %p{i}" for i in range(6))
    args = ", ".join(["%x"] * 6)
    module = parse_module(
        f"func @six({params}) -> i64 {HEAD} static {{\nentry:\n  ret %p5\n}}\n"
        f"func @f(i64 %x) -> i64 {HEAD} global {{\n"
        f"entry:\n  %a = call i64 func @six({args})\n  ret %a\n}}\n"
    )
    optimize(module, OptOptions(level=0))
    assert "call" not in print_module(module)


def test_output_does_not_depend_on_the_run() -> None:
    texts = set()
    for _ in range(3):
        module = parse_module(TEXT)
        optimize(module, OptOptions())
        texts.add(print_module(module))
    assert len(texts) == 1
