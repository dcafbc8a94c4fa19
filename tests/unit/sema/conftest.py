"""Runs the front end up to the typed tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from bpfcc.c import parse, preprocess
from bpfcc.c.options import COptions
from bpfcc.c.sema import check, type_suggester, typedef_test
from bpfcc.c.tast.nodes import Unit
from bpfcc.support.diagnostics import Diagnostic, Sink, WarningPolicy
from bpfcc.support.source import SourceFile


class Checked:
    """A checked program: its typed tree and what was reported."""

    def __init__(self, unit: Unit, diagnostics: list[Diagnostic]) -> None:
        self.unit = unit
        self.diagnostics = diagnostics

    @property
    def messages(self) -> list[str]:
        """The texts of errors and warnings."""
        return [d.message for d in self.diagnostics]


def run_sema(
    text: str,
    warnings: Iterable[str] = (),
    options: COptions | None = None,
    name: str = "test.c",
) -> Checked:
    policy = WarningPolicy()
    for group in warnings:
        if group == "all":
            policy.on |= policy.ALL
        elif group == "extra":
            policy.on |= policy.EXTRA
        elif group.startswith("no-"):
            policy.off.add(group[3:])
        else:
            policy.on.add(group)
    sink = Sink(policy)
    options = options or COptions()
    pre = preprocess.preprocess(SourceFile(name, text), options, sink)
    parser = parse.Parser(sink, suggest=type_suggester(pre, options))
    is_typedef = typedef_test(pre, options)
    unit = check(pre, lambda c: parser.parse_chunk(c, is_typedef), options, sink, name)
    return Checked(unit, sink.diagnostics)


@pytest.fixture
def sema() -> Callable[..., Checked]:
    """Check a program given as text."""
    return run_sema
