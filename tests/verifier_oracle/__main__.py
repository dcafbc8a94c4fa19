"""``python -m tests.verifier_oracle [WHAT]``: the checker against the running kernel (as root).

    objects [FILE.o...]                       every program of the objects
    mutants [-n EACH] [-s SEED] [FILE.o...]   mutants of those that the kernel accepts
    sources [-n EACH] [-s SEED] [FILE.c...]   mutants of C text, compiled here
    raw     [-n EACH] [-s SEED]               the kernel's own table of tests, and mutants

Without WHAT all of it. Without files: the filters, the sample programs and, where clang and Debian's
linux-source-6.1 are installed, the kernel's selftests, compiled into --folder and kept there. A
disagreement is one line, "kernel's verdict/ours where"; the confusion matrix follows. Files may be
patterns.
"""

from __future__ import annotations

import argparse
import glob
import os
import tempfile

from bpfcc.btf.read import Btf, parse

from . import corpus, raw
from .campaign import Verdicts, run, run_source
from .objects import compare

KINDS = ("objects", "mutants", "sources", "raw")


def _run(what: str, options: argparse.Namespace, btf: Btf, folder: str) -> Verdicts:
    verdicts = Verdicts()
    part, parts = map(int, options.shard.split("/"))

    def say(line: str) -> None:
        print(line, flush=True)

    if what == "raw":
        raw.run(btf, options.n, options.s, (part, parts), verdicts, say)
        return verdicts
    paths = [path for pattern in options.files for path in sorted(glob.glob(pattern)) or [pattern]]
    if not paths:
        paths = corpus.texts() if what == "sources" else corpus.objects(folder)
    for path in paths[part::parts]:
        if what == "objects":
            compare(path, btf, verdicts, say)
        elif what == "sources":
            run_source(path, btf, options.n, options.s, verdicts, say)
        else:
            run(path, btf, options.n, options.s, verdicts, say)
    return verdicts


def main() -> int:
    """Run; the exit status tells whether something was accepted here that the kernel refuses."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.verifier_oracle", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("what", nargs="?", choices=KINDS)
    parser.add_argument("files", nargs="*", help="object or C files, or patterns")
    parser.add_argument("-n", type=int, default=10, help="mutants of each program")
    parser.add_argument("-s", type=int, default=1, help="seed")
    parser.add_argument("--shard", default="0/1", help="which part of the files, like 0/2")
    parser.add_argument("--folder", default="", help="where compiled objects are kept")
    options = parser.parse_intermixed_args()
    with open("/sys/kernel/btf/vmlinux", "rb") as stream:
        btf = parse(stream.read(), check=False)
    wrong = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = os.path.abspath(options.folder) if options.folder else temporary
        for what in [options.what] if options.what else KINDS:
            verdicts = _run(what, options, btf, folder)
            print(f"{what}\n" + "\n".join(verdicts.table()), flush=True)
            wrong = wrong or verdicts.count["reject", "accept"] > 0
    return int(wrong)


raise SystemExit(main())
