"""``python -m tests.fuzz [--seeds A:B]``: random programs, until interrupted or the range is done."""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import sys
import time

from .compare import Tally, compare, has_compiler


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
    start, count, bad, tally = time.monotonic(), 0, 0, Tally()
    gc.disable()  # a fifth of the time; what a program leaves is collected below
    try:
        for seed in seeds:
            lines = compare(seed, rows=args.rows, kernel=kernel, llvm=llvm, jit=jit, tally=tally)
            count += 1
            bad += bool(lines)
            for line in lines:
                print(line, flush=True)
            if lines:
                print(f"  again: python -m tests.fuzz --seeds {seed}:{seed + 1} --rows {args.rows}")
            if count % 20 == 0:
                gc.collect()
            if count % 100 == 0:
                passed = time.monotonic() - start
                print(
                    f"{count} programs, {bad} bad, {count / passed:.1f} per second",
                    flush=True,
                )
    except KeyboardInterrupt:
        pass
    print(f"{count} programs, {bad} with a disagreement")
    print(tally)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
