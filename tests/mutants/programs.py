"""What the broken compilers compile: the project's filters, and the C of the run tests."""

from __future__ import annotations

import functools
import pathlib
import re

from bpfcc.driver import pipeline
from bpfcc.driver.cross_check import Report, cross_check
from bpfcc.driver.options import Options
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

_ROOT = pathlib.Path(__file__).parents[2]
_LANG = _ROOT / "tests" / "files" / "lang"
_PRELUDE = """\
typedef unsigned char u8; typedef signed char s8; typedef unsigned short u16; typedef short s16;
typedef unsigned int u32; typedef int s32; typedef unsigned long u64; typedef long s64;
#define SEC(name) __attribute__((section(name), used))
char _license[] SEC("license") = "GPL";
struct io { long a, b, r; };
"""
_RUN = re.compile(r"// run: (\w+)")


@functools.cache
def names() -> list[str]:
    """Return the names of all programs, the filters first."""
    filters = [f"filters/{path.stem}" for path in sorted((_ROOT / "filters").glob("*.c"))]
    return filters + [f"lang/{path.stem}" for path in sorted(_LANG.glob("*.c"))]


def source(name: str) -> SourceFile:
    """Return a program; run tests get an entry for each of their functions."""
    folder, stem = name.split("/")
    if folder == "filters":
        return pipeline.read_source(str(_ROOT / "filters" / f"{stem}.c"))
    text = (_LANG / f"{stem}.c").read_text(encoding="utf-8")
    entries = [
        f'SEC("syscall") int run_{function}(struct io *io)'
        f" {{ io->r = {function}(io->a, io->b); return 0; }}\n"
        for function in dict.fromkeys(_RUN.findall(text))
    ]
    body = re.sub(
        r"(?m)^long (\w+)\(long a, long b\)", r"static inline long \1(long a, long b)", text
    )
    return SourceFile(f"{stem}.c", _PRELUDE + body + "".join(entries))


def verdict(name: str) -> Report:
    """Cross-check a program by the compiler as it is now."""
    budget = 200 if name.startswith("filters/") else 30
    return cross_check(source(name), Options(), Sink(), budget=budget, shrink_runs=20)
