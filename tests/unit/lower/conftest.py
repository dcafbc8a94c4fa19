from __future__ import annotations

from typing import Any

import pytest

from bpfcc.c.options import COptions
from bpfcc.c.unit import compile_unit
from bpfcc.ir.module import Function, Module
from bpfcc.ir.printer import print_module
from bpfcc.ir.values import CoreConst, Instr
from bpfcc.ir.verify import verify
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile


class Lowered:
    """The IR of a text, and what was said about it."""

    def __init__(self, module: Module | None, sink: Sink) -> None:
        self.sink = sink
        self._module = module
        if module is not None:
            verify(module)

    @property
    def module(self) -> Module:
        assert self._module is not None, self.sink.diagnostics
        return self._module

    @property
    def messages(self) -> list[str]:
        return [d.message for d in self.sink.diagnostics]

    def function(self, name: str = "f") -> Function:
        found = self.module.function(name)
        assert found is not None
        return found

    def variable(self, name: str) -> Any:
        (found,) = [g for g in self.module.globals if g.name == name]
        return found

    def ops(self, op: str, name: str = "f") -> list[Instr]:
        return [i for i in self.function(name).instrs() if i.op == op]

    def core(self, name: str = "f") -> list[str]:
        """The CO-RE numbers of a function: "KIND type access value"."""
        found = []
        for instr in self.function(name).instrs():
            for arg in instr.args:
                if isinstance(arg, CoreConst):
                    found.append(f"{arg.kind.name} {arg.btf.name} {arg.access} {arg.value}")
        return found

    def text(self) -> str:
        return print_module(self.module)


@pytest.fixture
def lower() -> Any:
    def run(text: str, **options: Any) -> Lowered:
        c = COptions()
        for name, value in options.items():
            setattr(c, name, value)
        sink = Sink()
        return Lowered(compile_unit(SourceFile("t.c", text), c, sink), sink)

    return run
