"""Finding peers, timing whole processes in turn, counting instructions."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BPFCC = [sys.executable, "-m", "bpfcc"]
KERNEL_SOURCE = "/usr/src/linux-source-6.1"


def clang() -> str | None:
    """Return the newest clang that has a BPF target, None where none is installed."""
    for name in ("clang-19", "clang-20", "clang-18", "clang"):
        path = shutil.which(name)
        if path and b"bpf" in subprocess.run([path, "--print-targets"], capture_output=True).stdout:
            return path
    return None


def alternate(commands: list[list[str]], runs: int = 9) -> list[float]:
    """Return the median seconds of each command, run in turn A B A B ... after one warm-up."""
    times: list[list[float]] = [[] for _ in commands]
    for turn in range(runs + 1):
        for i, command in enumerate(commands):
            start = time.perf_counter()
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            if turn:
                times[i].append(time.perf_counter() - start)
    return [statistics.median(one) for one in times]


def instructions(path: str) -> int | None:
    """Return how many 8-byte slots the code sections of an object hold; None if unreadable."""
    from bpfcc.driver.objects import read_object
    from bpfcc.support.errors import InputError

    try:
        obj = read_object(path)
    except InputError:
        return None
    return sum(insn.slots for function in obj.functions for insn in function.insns)


def vmlinux_header(folder: str) -> str:
    """Write the running kernel's vmlinux.h into ``folder`` for compilers that need the file."""
    path = os.path.join(folder, "vmlinux.h")
    with open(path, "wb") as file:
        subprocess.run([*BPFCC, "btf"], cwd=ROOT, stdout=file, check=True)
    return path
