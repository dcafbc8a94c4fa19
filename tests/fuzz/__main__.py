"""``python -m tests.fuzz [--seeds A:B]``: random programs, until interrupted or the range is done."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time

from .compare import compare, has_compiler


def _llvm() -> bool:
    try:
        import llvmlite  # noqa: F401
    except ImportError:
        return False
    return True


def main() -> int:
    """Fuzz; 0 when everything agreed, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seeds", default="0:", metavar="A:B")
    parser.add_argument("--rows", type=int, default=3)
    parser.add_argument("--no-kernel", action="store_true")
    parser.add_argument("--no-llvm", action="store_true")
    parser.add_argument("--no-jit", action="store_true")
    args = parser.parse_args()
    if not has_compiler():
        print("needs gcc, to know what is right")
        return 2
    first, _, last = args.seeds.partition(":")
    seeds = itertools.count(int(first or 0)) if not last else range(int(first or 0), int(last))
    kernel = not args.no_kernel and sys.platform.startswith("linux") and os.geteuid() == 0
    llvm = not args.no_llvm and _llvm()
    jit = not args.no_jit and _llvm()
    columns = {"kernel": kernel, "LLVM backend": llvm, "JIT": jit}
    print(", ".join(f"{name}: {'yes' if on else 'no'}" for name, on in columns.items()))
    start, count, bad = time.monotonic(), 0, 0
    try:
        for seed in seeds:
            lines = compare(seed, rows=args.rows, kernel=kernel, llvm=llvm, jit=jit)
            count += 1
            bad += bool(lines)
            for line in lines:
                print(line, flush=True)
            if count % 100 == 0:
                print(f"{count} programs, {bad} bad, {time.monotonic() - start:.0f} s", flush=True)
    except KeyboardInterrupt:
        pass
    print(f"{count} programs, {bad} with a disagreement")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
