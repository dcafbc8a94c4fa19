"""Instructions of the filters: ours against clang's at -O2 and the same -mcpu.

dropmon.c is in a dialect that clang does not read, so it has no peer.
"""

from __future__ import annotations

import glob
import os
import subprocess
import tempfile
from collections.abc import Iterator

from .peers import BPFCC, ROOT, clang, instructions, vmlinux_header


def run() -> Iterator[str]:
    """Yield a row per filter and -mcpu, then the totals."""
    peer = clang()
    with tempfile.TemporaryDirectory() as folder:
        if peer:
            vmlinux_header(folder)
        for mcpu in ("v1", "v3", "v4"):
            yield f"  -mcpu={mcpu:24} {'bpfcc':>8} {'clang':>8} {'ratio':>7}"
            total = [0, 0]
            for source in sorted(glob.glob(os.path.join(ROOT, "filters", "*.c"))):
                name = os.path.basename(source)
                counts = []
                commands = [[*BPFCC, "-O2", "-g", f"-mcpu={mcpu}", "-c", source]]
                if peer:
                    commands.append(
                        [
                            peer,
                            "-O2",
                            "-g",
                            "-target",
                            "bpf",
                            f"-mcpu={mcpu}",
                            "-D__TARGET_ARCH_x86",
                            f"-I{folder}",
                            "-I/usr/include/x86_64-linux-gnu",
                            "-c",
                            source,
                        ]
                    )
                for i, command in enumerate(commands):
                    out = os.path.join(folder, f"{i}.o")
                    done = subprocess.run([*command, "-o", out], cwd=ROOT, capture_output=True)
                    counts.append(instructions(out) if done.returncode == 0 else None)
                mine, theirs = counts[0], counts[1] if len(counts) > 1 else None
                ratio = ""
                if mine and theirs:
                    ratio = f"{mine / theirs:7.2f}"
                    total[0] += mine
                    total[1] += theirs
                yield f"  {name:30} {mine or '-':>8} {theirs or '-':>8} {ratio}"
            if total[1]:
                yield (
                    f"  {'all that both compile':30} {total[0]:8} {total[1]:8} "
                    f"{total[0] / total[1]:7.2f}"
                )
