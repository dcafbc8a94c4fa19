"""The files of tests/files/lint: each says on its lines what the source checks must report there.

``// error[id]: text`` and ``// warning[id]: text``; ``// flags: group``: warning groups to switch
on. Nothing else may be reported.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpfcc.c.options import Lint
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source, read_source
from bpfcc.support.diagnostics import Diagnostic, Sink

FILES = Path(__file__).parents[2] / "files" / "lint"
_DIRECTIVE = re.compile(r"(error|warning)\[([\w-]+)\]: (.*?)\s*(?=(?://|$))")


def lint(path: Path) -> list[Diagnostic]:
    options = Options()
    flags = re.search(r"// flags: (.*)", path.read_text())
    options.warnings.on |= set(flags[1].split() if flags else ())
    options.lint = Lint(Sink(options.warnings))
    sink = Sink(options.warnings)
    compile_source(read_source(str(path)), options, sink)
    assert not sink.errors, sink.diagnostics
    return options.lint.sink.diagnostics


@pytest.mark.parametrize("path", sorted(FILES.glob("*.c")), ids=lambda p: p.stem)
def test_file(path: Path) -> None:
    wanted = []
    for number, line in enumerate(path.read_text().split("\n"), 1):
        for part in line.split("// ")[1:]:
            wanted += [(number, *found) for found in _DIRECTIVE.findall(part)]
    unexpected = []
    for d in lint(path):
        assert d.span is not None, d
        said = (d.span.position()[1], d.severity.name.lower(), d.id)
        match = next((w for w in wanted if w[:3] == said and w[3] in d.message), None)
        if match is None:
            unexpected.append(f"{said}: {d.message}")
        else:
            wanted.remove(match)
    assert (unexpected, wanted) == ([], [])
