"""``-E``: the same tokens at the same places as clang's, and markers that nest."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bpfcc.c.options import COptions
from bpfcc.c.preprocess.lexer import lex
from bpfcc.c.preprocess.output import macro_text, preprocessed_text
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

FILTERS = sorted(Path(__file__).parents[3].joinpath("filters").glob("*.c"))
INCLUDE = Path(__file__).parents[3] / "include"
MARKER = re.compile(r"# (\d+) \"((?:[^\"\\]|\\.)*)\"((?: \d)*)$")


def places(text: str) -> list[tuple[str, str, int, bool]]:
    """Return (token, file, line, system header or not)."""
    found = []
    name, number, system = "", 1, False
    file = SourceFile("x", text)
    for line in text.split("\n"):
        marker = MARKER.match(line)
        if marker:
            number, name, system = int(marker[1]), marker[2], "3" in marker[3]
            continue
        if line.startswith("#pragma"):
            found.append((" ".join(line.split()), name, number, system))
        else:
            found += [(t.text, name, number, system) for t in lex(line, 0, len(line), file)]
        number += 1
    return found


def write(text: str, name: str = "t.c", **settings: object) -> str:
    options = COptions()
    options.own_headers = False
    keywords = {k: settings.pop(k) for k in ("line_markers", "keep_defines") if k in settings}
    for key, value in settings.items():
        setattr(options, key, value)
    return preprocessed_text(SourceFile(name, text), options, Sink(), **keywords).text


SOURCES = {
    "lines": "int a;\n\n\nint b;\n" + "\n" * 20 + "int c; int d\n;\n",
    "invocation over lines": "#define F(x, y) (x + \\\n y) z\nint a = F(1,\n  2) ; int b;\nF(\n3\n,4)\n",
    "pragmas": '#define P _Pragma("GCC diagnostic push") int\nP x; P y;\n#pragma unroll 4\nint z;\n',
    "line directive": '#line 40 "other.c"\nint a;\n#line 7\nint b;\n# 3 "third.h" 1 3\nint c;\n',
    "inactive": "#if 0\nint a;\n#else\n\nint b;\n#endif\nint c;\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_places_as_clang(name: str) -> None:
    clang = shutil.which("clang-19")
    if clang is None:
        pytest.skip("clang-19 is not installed")
    theirs = subprocess.run(
        [clang, "-target", "bpf", "-E", "-w", "-x", "c", "-"],
        input=SOURCES[name], capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    ours = [(t, f, n) for t, f, n, _ in places(write(SOURCES[name], "<stdin>"))]
    assert ours == [(t, f, n) for t, f, n, _ in places(theirs)]


@pytest.mark.parametrize("path", FILTERS, ids=lambda p: p.stem)
def test_filters_with_our_headers_as_clang(path: Path) -> None:
    """Both read the package's own headers, so that nothing of the host matters."""
    clang = shutil.which("clang-19")
    if clang is None:
        pytest.skip("clang-19 is not installed")
    folders = [str(INCLUDE / "libc"), str(INCLUDE)]
    theirs = subprocess.run(
        [clang, "-target", "bpf", "-mcpu=v3", "-O2", "-E", "-w", "-nostdinc", "-D__VMLINUX_H__",
         *(f"-isystem{folder}" for folder in folders), "-x", "c", "-"],
        input=re.sub(r'#include "vmlinux.h"', "", path.read_text()),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if theirs.returncode:
        pytest.skip("clang cannot read it without the kernel's types")
    ours = write(
        re.sub(r'#include "vmlinux.h"', "", path.read_text()),
        "<stdin>",
        system=folders,
        commands=[("D", "__VMLINUX_H__")],
    )
    assert places(ours) == places(theirs.stdout)


def test_markers_nest(tmp_path) -> None:
    (tmp_path / "a.h").write_text('#include "b.h"\nint a;\n')
    (tmp_path / "b.h").write_text("#define ONLY_MACROS\n")
    text = write('#include "a.h"\nint x;\n#include "b.h"\n', include=[str(tmp_path)])
    open_files = []
    for line in text.split("\n"):
        marker = MARKER.match(line)
        if marker and " 1" in marker[3]:
            open_files.append(marker[2])
        elif marker and " 2" in marker[3]:
            open_files.pop()
    assert open_files == []
    assert text.count('b.h" 1') == 2


def test_without_markers_and_with_definitions() -> None:
    assert write("int a;\n#define X 1\nint b;\n", line_markers=False).split() == [
        "int", "a;", "int", "b;",
    ]  # fmt: skip
    lines = write("#define X 1\nint a;\n#undef X\n", keep_defines=True).splitlines()
    order = [
        line
        for line in lines
        if "__" not in line and "_LP64" not in line and line and not line.startswith("# ")
    ]
    assert order == ["#define X 1", "int a;", "#undef X"]


def test_tokens_that_would_run_together_are_kept_apart() -> None:
    source = '#define E\n#define P +\n#define N 1\n+P -E- xN x N P= .N N.N L"a" L E"a"\n'
    joined = [t for t, *_ in places(write(source))]
    expected = ["+", "+", "-", "-", "xN", "x", "1", "+", "=", ".", "1", "1", ".", "1", 'L"a"', "L"]
    assert joined[:16] == expected


def test_macro_dump_can_be_read_again() -> None:
    options = COptions()
    text = "#define F(a, b...) a ## b #a\n#define G(...) __VA_ARGS__\n#define H\n"
    first = macro_text(SourceFile("t.c", text), options, Sink()).text
    options.undef_all = True
    assert macro_text(SourceFile("t.c", first), options, Sink()).text == first
