"""Programs to judge: the filters, the sample programs, and the kernel's selftests where installed."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess

from bench.peers import BPFCC, KERNEL_SOURCE, ROOT, clang, vmlinux_header
from bench.programs import flags, sources

CASES = os.path.join(os.path.dirname(ROOT), "shared", "cases")


def texts() -> list[str]:
    """Return the C files that compile with no options."""
    own = glob.glob(os.path.join(ROOT, "filters", "*.c"))
    own += glob.glob(os.path.join(ROOT, "tests", "cases", "programs", "**", "*.c"), recursive=True)
    return sorted(own) + sorted(glob.glob(os.path.join(CASES, "*", "*.c")))


def objects(folder: str) -> list[str]:
    """Compile everything into ``folder``, what is there already left out; return the objects."""
    for path in texts():
        _compile([*BPFCC, "-w", "-c", path], os.path.join(folder, "small", _stem(path) + ".o"))
    compiler = clang()
    if compiler is not None and os.path.isdir(KERNEL_SOURCE):
        if not os.path.exists(os.path.join(folder, "vmlinux.h")):
            os.makedirs(folder, exist_ok=True)
            vmlinux_header(folder)
        groups = ("samples", "selftests")
        for group, path in [(g, path) for g in groups for path in sources(KERNEL_SOURCE, g)]:
            options = flags(KERNEL_SOURCE, group, "v3")
            theirs = [
                compiler, "-target", "bpf", *options, f"-I{folder}",
                "-I/usr/include/x86_64-linux-gnu", "-c", path,
            ]  # fmt: skip
            name = f"{group}.{_stem(path)}.o"
            if _compile(theirs, os.path.join(folder, "clang", name)):
                ours = [*BPFCC, *options, "-w", "-c", path]
                _compile(ours, os.path.join(folder, "ours", name))
    return sorted(glob.glob(os.path.join(folder, "*", "*.o")))


def _stem(path: str) -> str:
    return os.path.basename(path)[:-2]


def _compile(command: list[str], product: str) -> bool:
    if os.path.exists(product):
        return True
    os.makedirs(os.path.dirname(product), exist_ok=True)
    unfinished = product + ".part"
    try:
        done = subprocess.run(
            [*command, "-o", unfinished], cwd=ROOT, capture_output=True, timeout=120
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode:
        return False
    shutil.move(unfinished, product)
    return True
