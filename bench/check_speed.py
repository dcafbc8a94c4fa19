"""The checker: agreement with the running kernel, instructions per second, whole-process time.

The filters, as our objects: verdict of both (root only), instructions processed per second here and
in the kernel's verifier; `bpfcc check` as a process against compiling with clang and loading.
"""

from __future__ import annotations

import glob
import os
import sys
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
    for path in sorted(glob.glob(os.path.join(ROOT, "filters", "*.c"))):
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
    peer = clang()
    ours = [*BPFCC, "check", "filters/xdpguard.c"]
    if peer is None:
        yield f"  check xdpguard.c: {alternate([ours], 5)[0]:.3f} s; clang is not installed"
        return
    theirs = [
        "sh", "-c",
        f"{peer} -O2 -g -target bpf -mcpu=v3 -I/usr/include/x86_64-linux-gnu -c filters/xdpguard.c "
        f"-o /dev/null",
    ]  # fmt: skip
    mine, other = alternate([ours, theirs], 5)
    yield f"  check xdpguard.c: {mine:.3f} s; clang compiles it in {other:.3f} s"
    four = alternate([[*ours[:-1], "--kernel", "5.4,5.15,6.1,latest", ours[-1]]], 3)[0]
    yield f"  four kernels at once: {four:.3f} s"
