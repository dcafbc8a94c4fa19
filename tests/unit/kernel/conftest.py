"""Objects for the kernel tests, compiled by clang (whose objects are what loaders are used to)."""

from __future__ import annotations

import glob
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bpfcc.objfile.model import Object
from bpfcc.objfile.read import from_bytes

_HEADERS = ["-I" + path for path in glob.glob("/usr/include/*-linux-gnu")]
_PRELUDE = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
"""
_LICENSE = 'char _license[] SEC("license") = "GPL";\n'
CompileC = Callable[..., Object]


@pytest.fixture
def compile_c(tmp_path: Path) -> CompileC:
    """Return a function from C text to an object."""
    clang = shutil.which("clang-19") or shutil.which("clang")
    if clang is None or not Path("/usr/include/bpf/bpf_helpers.h").exists():
        pytest.skip("needs clang with the BPF target and libbpf's headers")

    def run(text: str, *, flags: tuple[str, ...] = (), bare: bool = False) -> Object:
        source = tmp_path / "t.bpf.c"
        source.write_text(text if bare else _PRELUDE + text + _LICENSE)
        output = tmp_path / "t.bpf.o"
        subprocess.run(
            [clang, "-O2", "-g", "-target", "bpf", "-mcpu=v3", *_HEADERS, *flags]
            + ["-c", str(source), "-o", str(output)],
            check=True,
            timeout=60,
        )
        return from_bytes(output.read_bytes(), "t.bpf.o")

    return run
