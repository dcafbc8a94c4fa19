"""``bpfcc vm-plugin``: the plugin protocol of the public conformance suite."""

from __future__ import annotations

import sys

from ..support.files import read_stdin
from ..vm import plugin

USAGE = """\
usage: bpfcc vm-plugin [MEMHEX] [--jit] [--careful] [--elf] < program-in-hex

Serves one test of bpf_conformance: r1 points to the memory, r2 is its length; prints r0 in hex.
"""


def main(argv: list[str]) -> int:
    """Run one program from standard input; 0 and r0 on standard output, or 1 and a message."""
    if "-h" in argv or "--help" in argv:
        sys.stdout.write(USAGE)
        return 0
    jit = None
    if "--jit" in argv:
        from ..llvm.jit import engine  # the one door to llvmlite

        jit = engine()
    code, text = plugin.main(argv, read_stdin().decode("ascii", "replace"), jit=jit)
    sys.stdout.write(text + "\n")
    return code
