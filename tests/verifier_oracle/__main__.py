"""``python -m tests.verifier_oracle``: the checker against the running kernel (as root).

    python -m tests.verifier_oracle objects FILE.o...                 every program of the objects
    python -m tests.verifier_oracle mutants [-n EACH] [-s SEED] FILE.o...   mutants of accepted ones
    python -m tests.verifier_oracle sources [-n EACH] [-s SEED] FILE.c...   mutants of C text
    python -m tests.verifier_oracle raw [-n EACH] [-s SEED]           the kernel's table of tests

A disagreement is one line, "kernel's verdict/ours where"; the confusion matrix follows. Files may be
patterns.
"""

from __future__ import annotations

import argparse
import glob

from bpfcc.btf.read import parse

from . import raw
from .campaign import Verdicts, run, run_source
from .objects import compare


def main() -> int:
    """Run; the exit status tells whether something was accepted here that the kernel refuses."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.verifier_oracle", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("what", choices=["objects", "mutants", "sources", "raw"])
    parser.add_argument("files", nargs="*", help="object or C files, or patterns")
    parser.add_argument("-n", type=int, default=20, help="mutants of each program")
    parser.add_argument("-s", type=int, default=1, help="seed")
    parser.add_argument("--shard", default="0/1", help="which part of the files, like 0/2")
    options = parser.parse_args()
    with open("/sys/kernel/btf/vmlinux", "rb") as stream:
        btf = parse(stream.read(), check=False)
    verdicts = Verdicts()
    part, parts = map(int, options.shard.split("/"))
    paths = [path for pattern in options.files for path in sorted(glob.glob(pattern)) or [pattern]]

    def say(line: str) -> None:
        print(line, flush=True)

    if options.what == "raw":
        raw.run(btf, options.n, options.s, (part, parts), verdicts, say)
    for path in paths[part::parts]:
        if options.what == "objects":
            compare(path, btf, verdicts, say)
        elif options.what == "sources":
            run_source(path, btf, options.n, options.s, verdicts, say)
        else:
            run(path, btf, options.n, options.s, verdicts, say)
    print("\n".join(verdicts.table()))
    return int(verdicts.count["reject", "accept"] > 0)


raise SystemExit(main())
