"""The checker: agreement with the running kernel, instructions per second, whole-process time.

The filters, as our objects: verdict of both (root only), instructions processed per second here and
in the kernel's verifier; `bpfcc check` as a process against compiling with clang and loading, on a
packet classifier of about 500 instructions.
"""

from __future__ import annotations

import glob
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator

from bpfcc.driver.btf_source import load_btf
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source, read_source
from bpfcc.objfile.model import Object
from bpfcc.support.diagnostics import Sink
from bpfcc.support.errors import InputError
from bpfcc.verifier import VerifyOptions, verify

from .peers import BPFCC, ROOT, alternate, clang

_CLASSIFIER = "bench/classifier.c"


def kernel_verdict(obj: Object) -> tuple[str, float] | None:
    """Return the running kernel's verdict and the seconds it took; None where it cannot be asked."""
    if not sys.platform.startswith("linux") or os.geteuid():
        return None
    from bpfcc.kernel.load import load

    start = time.perf_counter()
    try:
        load(obj).close()
    except InputError:
        return "reject", time.perf_counter() - start
    return "accept", time.perf_counter() - start


def run() -> Iterator[str]:
    """Yield a row per filter, then the process times."""
    btf = load_btf(None)
    yield f"  {'program':20} {'ours':>8} {'kernel':>8} {'processed':>10} {'per second':>12}"
    filters = sorted(glob.glob(os.path.join(ROOT, "filters", "*.c")))
    for path in [*filters, os.path.join(ROOT, _CLASSIFIER)]:
        obj = compile_source(read_source(path), Options(), Sink())
        if obj is None:
            continue
        start = time.perf_counter()
        report = verify(obj, VerifyOptions(btf=btf))
        seconds = time.perf_counter() - start
        processed = sum(program.insns_processed for program in report.programs)
        kernel = kernel_verdict(obj)
        yield (
            f"  {os.path.basename(path):20} {report.verdict!s:>8} {kernel[0] if kernel else '-':>8} "
            f"{processed:10} {processed / seconds:12,.0f}"
        )
    yield from _processes()


def _processes() -> Iterator[str]:
    """Yield the wall time of `bpfcc check` beside what an author would do without it."""
    ours = [*BPFCC, "check", _CLASSIFIER]
    four = [*BPFCC, "check", "--kernel", "5.4,5.15,6.1,latest", _CLASSIFIER]
    peer = clang()
    if peer is None:
        mine, kernels = alternate([ours, four], 5)
        yield f"  check {_CLASSIFIER}: {mine:.3f} s; clang is not installed"
    else:
        with tempfile.TemporaryDirectory() as folder:
            product = os.path.join(folder, "peer.o")
            compiling = (
                f"{peer} -O2 -g -target bpf -mcpu=v3 -idirafter include "
                f"-I/usr/include/x86_64-linux-gnu -c {_CLASSIFIER} -o {product}"
            )
            loading = _loading(product)
            theirs = ["sh", "-c", f"{compiling} && {loading}" if loading else compiling]
            mine, other, kernels = alternate([ours, theirs, four], 5)
        does = "compiles it and bpftool loads it" if loading else "compiles it"
        yield (
            f"  check {_CLASSIFIER}: {mine:.3f} s; clang {does} in {other:.3f} s: "
            f"{mine / other:.2f} times"
        )
    yield f"  four kernels at once: {kernels:.3f} s"


def _loading(path: str) -> str:
    """Return the shell command that loads an object; empty where that cannot be done."""
    bpftool = shutil.which("bpftool")
    if bpftool is None or not sys.platform.startswith("linux") or os.geteuid():
        return ""
    mount = "mount -t bpf bpf /sys/fs/bpf && "
    return f"unshare -m sh -c '{mount}{bpftool} prog load {path} /sys/fs/bpf/peer'"
