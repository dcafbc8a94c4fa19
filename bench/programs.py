"""Real programs: samples/bpf and selftests/bpf of Linux 6.1, where the sources are installed.

For every program that clang compiles here: does bpfcc compile it unchanged; of those whose clang
object this kernel loads (root only): does it load ours too; instructions of both.
"""

from __future__ import annotations

import glob
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from .peers import BPFCC, KERNEL_SOURCE, ROOT, clang, instructions, vmlinux_header

_SELFTESTS = f"{KERNEL_SOURCE}/tools/testing/selftests/bpf"
_SAMPLES = f"{KERNEL_SOURCE}/samples/bpf"


def sources() -> list[tuple[str, str]]:
    """Return (group, path) of every program there is."""
    found = [
        ("samples", path)
        for pattern in ("*_kern.c", "*.bpf.c")
        for path in sorted(glob.glob(os.path.join(_SAMPLES, pattern)))
    ]
    return found + [
        ("selftests", path) for path in sorted(glob.glob(os.path.join(_SELFTESTS, "progs", "*.c")))
    ]


def flags(group: str) -> list[str]:
    """Return the flags that the kernel's own build gives, as far as they matter."""
    common = [
        "-g",
        "-O2",
        "-D__TARGET_ARCH_x86",
        "-mcpu=v3",
        "-mlittle-endian",
        "-Wno-compare-distinct-pointer-types",
    ]
    if group == "selftests":
        return [
            *common,
            f"-I{_SELFTESTS}",
            f"-I{KERNEL_SOURCE}/tools/include/uapi",
            f"-I{_SELFTESTS}/../../../include",
        ]
    return [
        *common,
        "-D__KERNEL__",
        f"-I{_SAMPLES}",
        f"-I{_SELFTESTS}",
        f"-I{KERNEL_SOURCE}/tools/include/uapi",
    ]


def loads(path: str) -> bool | None:
    """Tell whether the running kernel loads an object; None where it cannot be asked."""
    if not sys.platform.startswith("linux") or os.geteuid():
        return None
    script = (
        "import sys; from bpfcc.driver.objects import read_object; from bpfcc.kernel.load import load;"
        "load(read_object(sys.argv[1])).close()"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", script, path], cwd=ROOT, capture_output=True, timeout=120
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def compile_both(
    compiler: str, group: str, path: str, folder: str, headers: str
) -> tuple[str | None, str | None]:
    """Return the paths of clang's and of our object; None for a compiler that refused."""
    name = os.path.basename(path)[:-2]
    out: list[str | None] = []
    commands = [
        [
            compiler,
            "-target",
            "bpf",
            *flags(group),
            f"-I{headers}",
            "-I/usr/include/x86_64-linux-gnu",
            "-c",
            path,
        ],
        [*BPFCC, *flags(group), "-w", "-c", path],
    ]
    for suffix, command in zip(("clang", "ours"), commands):
        product = os.path.join(folder, f"{group}.{name}.{suffix}.o")
        try:
            done = subprocess.run(
                [*command, "-o", product], cwd=ROOT, capture_output=True, timeout=120
            )
            out.append(product if done.returncode == 0 else None)
        except subprocess.TimeoutExpired:
            out.append(None)
        if out[0] is None:
            return None, None
    return out[0], out[1]


def run() -> Iterator[str]:
    """Yield the table, and then every program that fails, with the reason."""
    compiler = clang()
    if compiler is None or not os.path.isdir(_SAMPLES):
        yield "  not measured: needs clang with the BPF target and Debian's linux-source-6.1, unpacked"
        return
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        vmlinux_header(folder)
        yield (
            f"  {'group':10} {'clang':>6} {'ours':>6} {'share':>7} {'loads':>6} {'ours':>6} "
            f"{'share':>7} {'insns':>8}"
        )
        for group in ("samples", "selftests"):
            compiled = ours = loaded = ours_loaded = 0
            sizes = [0, 0]
            for one, path in sources():
                if one != group:
                    continue
                theirs, mine = compile_both(compiler, group, path, folder, folder)
                if theirs is None:
                    continue
                compiled += 1
                if mine is None:
                    failures.append(f"{path}: does not compile")
                    continue
                ours += 1
                a, b = instructions(mine), instructions(theirs)
                if a and b:
                    sizes[0] += a
                    sizes[1] += b
                if loads(theirs):
                    loaded += 1
                    if loads(mine):
                        ours_loaded += 1
                    else:
                        failures.append(f"{path}: clang's object loads, ours does not")
            ratio = f"{sizes[0] / sizes[1]:8.2f}" if sizes[1] else ""
            yield (
                f"  {group:10} {compiled:6} {ours:6} {_share(ours, compiled)} {loaded:6} "
                f"{ours_loaded:6} {_share(ours_loaded, loaded)} {ratio}"
            )
    yield from (f"    {failure}" for failure in failures)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:7.1%}" if whole else f"{'-':>7}"
