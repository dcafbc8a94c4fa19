"""C functions with recorded results: reading the cases, and recording them with the host's gcc.

A case file has lines ``// run: name (a, b) = result; (a, b) = result``. Each function takes two longs
and returns one; all three are 64-bit. ``python tests/unit/lower/language.py`` writes the results that
gcc gives into the files.
"""

from __future__ import annotations

import ctypes
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).parents[2] / "files" / "lang"
PRELUDE = """\
typedef unsigned char u8; typedef signed char s8; typedef unsigned short u16; typedef short s16;
typedef unsigned int u32; typedef int s32; typedef unsigned long u64; typedef long s64;
"""
_RUN = re.compile(r"// run: (\w+) ?(.*)")
_CALL = re.compile(r"\((-?\w+), (-?\w+)\)(?: = (-?\d+))?")


class Case:
    """One call: function, arguments, recorded result."""

    def __init__(self, function: str, a: int, b: int, result: int | None) -> None:
        self.function = function
        self.a = a
        self.b = b
        self.result = result


def cases(text: str) -> list[Case]:
    """Return the calls that a file asks for."""
    found = []
    for name, rest in _RUN.findall(text):
        for a, b, result in _CALL.findall(rest):
            found.append(Case(name, int(a), int(b), int(result) if result else None))
    return found


def only_in_vm(text: str) -> set[str]:
    """Return the functions that a comment excludes from runs in the kernel."""
    found = re.search(r"// not in the kernel: ([\w ]+)", text)
    return set(found[1].split()) if found else set()


def bpf_source(text: str, *, without: set[str] | None = None) -> str:
    """Return the file as a BPF program: one entry per function, arguments and result in the context."""
    entries = [
        f'__attribute__((section("syscall"))) int run_{name}(struct io *io)'
        f" {{ io->r = {name}(io->a, io->b); return 0; }}\n"
        for name in dict.fromkeys(case.function for case in cases(text))
        if not without or name not in without
    ]
    body = re.sub(
        r"(?m)^long (\w+)\(long a, long b\)", r"static inline long \1(long a, long b)", text
    )
    license = '__attribute__((section("license"))) char _license[] = "GPL";\n'
    return PRELUDE + body + "struct io { long a, b, r; };\n" + "".join(entries) + license


def has_gcc() -> bool:
    """Say whether the host's compiler is there."""
    return shutil.which("gcc") is not None


def native(text: str) -> list[int]:
    """Return the results that gcc gives, one per case; statics start afresh for each call."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "case.c")
        source.write_text(PRELUDE + text, encoding="utf-8")
        library = pathlib.Path(folder, "case.so")
        command = ["gcc", "-w", "-O1", "-fwrapv", "-fno-strict-aliasing", "-fPIC", "-shared"]
        subprocess.run([*command, str(source), "-o", str(library)], check=True, timeout=120)
        for i, case in enumerate(cases(text)):
            copy = pathlib.Path(folder, f"case{i}.so")
            shutil.copy(library, copy)
            function = ctypes.CDLL(str(copy))[case.function]
            function.restype = ctypes.c_long
            function.argtypes = [ctypes.c_long, ctypes.c_long]
            results.append(function(case.a, case.b))
    return results


def record(path: pathlib.Path) -> None:
    """Write gcc's results into a file."""
    text = path.read_text(encoding="utf-8")
    results = iter(native(text))

    def line(match: re.Match[str]) -> str:
        calls = [f"({a}, {b}) = {next(results)}" for a, b, _ in _CALL.findall(match[2])]
        return f"// run: {match[1]} " + "; ".join(calls)

    path.write_text(_RUN.sub(line, text), encoding="utf-8")


if __name__ == "__main__":
    for each in sys.argv[1:] or sorted(str(path) for path in FOLDER.glob("*.c")):
        record(pathlib.Path(each))
