"""Compile time: whole process, median seconds, ours against clang's.

filters/dropmon.c uses nothing; offcpu.c takes its types from vmlinux.h: clang reads a file of 130,000
lines, we read BTF (cold: without the index of type names, warm: with it).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator

from .peers import BPFCC, ROOT, alternate, clang, vmlinux_header


def run() -> Iterator[str]:
    """Yield the rows of the table."""
    peer = clang()
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "x.o")
        ours = [*BPFCC, "-O2", "-g", "-c", "filters/dropmon.c", "-o", out]
        commands = [ours]
        if peer:
            text = os.path.join(folder, "dropmon.c")
            with open(os.path.join(ROOT, "filters/syscount.c"), encoding="utf-8") as file:
                source = file.read()
            with open(text, "w", encoding="utf-8") as file:
                file.write(source)
            commands.append(
                [
                    peer,
                    "-O2",
                    "-g",
                    "-target",
                    "bpf",
                    "-mcpu=v3",
                    "-I/usr/include/x86_64-linux-gnu",
                    "-c",
                    text,
                    "-o",
                    out,
                ]
            )
        times = alternate(commands)
        yield f"  {'program':34} {'bpfcc':>8} {'clang':>8} {'ratio':>7}"
        if peer:
            yield row("dropmon.c (clang: syscount.c)", times[0], times[1])
        else:
            yield f"  {'dropmon.c':34} {times[0]:8.3f} {'-':>8}   clang is not installed"
        if not peer or not os.path.exists("/sys/kernel/btf/vmlinux"):
            return
        vmlinux_header(folder)
        cache = os.path.join(folder, "cache")
        os.environ["XDG_CACHE_HOME"] = cache
        ours = [*BPFCC, "-O2", "-g", "-c", "filters/offcpu.c", "-o", out]
        theirs = [
            peer,
            "-O2",
            "-g",
            "-target",
            "bpf",
            "-mcpu=v3",
            "-D__TARGET_ARCH_x86",
            f"-I{folder}",
            "-c",
            "filters/offcpu.c",
            "-o",
            out,
        ]
        os.environ["BPFCC_NO_CACHE"] = "1"
        cold, other = alternate([ours, theirs], runs=5)
        yield row("offcpu.c, types from BTF, cold", cold, other)
        del os.environ["BPFCC_NO_CACHE"]
        warm, other = alternate([ours, theirs], runs=5)
        yield row("offcpu.c, types from BTF, warm", warm, other)
        file_ours = [*BPFCC, "-O2", "-g", f"-I{folder}", "-c", "filters/offcpu.c", "-o", out]
        whole, other = alternate([file_ours, theirs], runs=5)
        yield row("offcpu.c, vmlinux.h in the path", whole, other)
        del os.environ["XDG_CACHE_HOME"]
        shutil.rmtree(cache, ignore_errors=True)


def row(name: str, ours: float, theirs: float) -> str:
    """Return one line: name, seconds, seconds, ratio."""
    return f"  {name:34} {ours:8.3f} {theirs:8.3f} {ours / theirs:7.2f}"
