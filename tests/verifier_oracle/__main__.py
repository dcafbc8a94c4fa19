"""``python -m tests.verifier_oracle [-n EACH] [-s SEED] FILE.o...``: a mutation campaign (as root)."""

from __future__ import annotations

import argparse
import glob

from bpfcc.btf.read import parse

from .campaign import Verdicts, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.verifier_oracle", description=__doc__)
    parser.add_argument("files", nargs="+", help="object files, or patterns")
    parser.add_argument("-n", type=int, default=20, help="mutants of each program")
    parser.add_argument("-s", type=int, default=1, help="seed")
    options = parser.parse_args()
    with open("/sys/kernel/btf/vmlinux", "rb") as stream:
        btf = parse(stream.read(), check=False)
    verdicts = Verdicts()
    for pattern in options.files:
        for path in sorted(glob.glob(pattern)) or [pattern]:
            run(path, btf, options.n, options.s, verdicts, lambda line: print(line, flush=True))
    print("kernel  here     mutants")
    for (truth, ours), number in sorted(verdicts.count.items()):
        print(f"{truth:7} {ours:8} {number}")
    if verdicts.seconds:
        rate = verdicts.instructions / verdicts.seconds
        print(f"{verdicts.instructions} instructions, {rate:,.0f} per second")


main()
