"""What one compilation leaves behind for the next of the same process (batches)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfcc.c.options import COptions
from bpfcc.c.unit import compile_unit
from bpfcc.ir.printer import print_module
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

HEADER = """\
struct pair { int a; long b; };
enum { SMALL = 3, LARGE = 9 };
typedef WORD word;
static int twice(int x) { return x + x + EXTRA; }
static inline word get(struct pair *p) { return p->b; }
"""
MAIN = """\
#include "h.h"
int f(struct pair *p) { return twice(SMALL) + (int)get(p) + sizeof(word) + sizeof(*p); }
"""


def compiled(
    folder: Path, text: str, *, before: str = "", name: str = "main.c"
) -> tuple[str | None, list[tuple[str, str, int]]]:
    """Compile; return the IR as text, and (id, file, offset) of every diagnostic."""
    sink = Sink()
    source = SourceFile(str(folder / name), before + text)
    module = compile_unit(source, COptions(), sink)
    found = []
    for one in sink.diagnostics:
        assert one.span is not None
        found.append((one.id, os.path.basename(one.span.file.name), one.span.start))
    if module is None:
        return None, found
    return print_module(module).replace(str(folder), "."), found


def test_macros_of_one_compilation_do_not_reach_the_next(tmp_path: Path) -> None:
    (tmp_path / "h.h").write_text(HEADER)
    settings = [
        "#define WORD int\n#define EXTRA 1\n",
        "#define WORD long\n#define EXTRA 2\n",
        "#define WORD char\n#define EXTRA 0\n#define SMALL 7\n",
        "#define WORD int\n#define EXTRA 1\n#define pair couple\n#define b a\n#define a c\n",
    ]
    alone = []
    for i, setting in enumerate(settings):
        folder = tmp_path / f"alone{i}"
        folder.mkdir()
        (folder / "h.h").write_text(HEADER)
        alone.append(compiled(folder, MAIN, before=setting)[0])
    assert None not in alone[:2] and len(set(alone)) == len(alone)
    for _ in range(2):
        for setting, expected in zip(settings, alone):
            assert compiled(tmp_path, MAIN, before=setting)[0] == expected


def test_pragmas_of_one_compilation_do_not_reach_the_next(tmp_path: Path) -> None:
    (tmp_path / "h.h").write_text("struct pair { char a; long b; };\n")
    main = "int f(void) { return sizeof(struct pair); }\n"
    include = '#include "h.h"\n'
    packed = f"#pragma pack(push, 1)\n{include}#pragma pack(pop)\n"
    core = (
        "#pragma clang attribute push (__attribute__((preserve_access_index)), "
        f"apply_to = record)\n{include}#pragma clang attribute pop\n"
    )
    read = "long f(struct pair *p) { return p->b; }\n"
    for _ in range(2):
        plain, _found = compiled(tmp_path, include + main)
        small, _found = compiled(tmp_path, packed + main)
        assert plain is not None and small is not None
        assert "16" in plain and "16" not in small and "9" in small
        relocated, _found = compiled(tmp_path, core + read)
        direct, _found = compiled(tmp_path, include + read)
        assert relocated != direct


def test_diagnostics_are_the_same_each_time(tmp_path: Path) -> None:
    header = "struct s { int a; };\nstatic int g(void) { return nothing; }\n"
    (tmp_path / "h.h").write_text(header)
    main = '#include "h.h"\nint f(struct s *p) { return g() + p->z; }\n'
    first = compiled(tmp_path, main)
    assert sorted(place[1:] for place in first[1]) == [
        ("h.h", header.index("nothing")),
        ("main.c", main.index("z")),
    ]
    assert compiled(tmp_path, main) == first
    assert compiled(tmp_path, main) == first


@pytest.mark.parametrize("size", [1, 12_000], ids=["small", "large"])
def test_a_header_read_twice_declares_twice(tmp_path: Path, size: int) -> None:
    more = "".join(f"struct t{i} {{\n\tint a{i};\n}};\n" for i in range(size))
    (tmp_path / "h.h").write_text(more + "struct s {\n\tint a;\n};\nstatic int x = 1;\n")
    once = '#include "h.h"\nint f(struct s *p) { return p->a + x; }\n'
    twice = '#include "h.h"\n' + once
    expected = compiled(tmp_path, twice)
    assert expected[0] is None and expected[1]
    assert compiled(tmp_path, once)[1] == []
    assert compiled(tmp_path, twice) == expected
    assert compiled(tmp_path, once)[1] == []


def test_a_header_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "h.h"
    main = '#include "h.h"\nint f(void) { return sizeof(struct s); }\n'
    path.write_text("struct s { int a; };\n")
    first = compiled(tmp_path, main)[0]
    compiled(tmp_path, main)
    path.write_text("struct s { int a, b, c; };\n")
    assert compiled(tmp_path, main)[0] != first
