"""Mutants of accepted programs, judged here and by the running kernel.

A disagreement is printed with the seed that makes it again.
"""

from __future__ import annotations

import os
import random
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

from bpfcc.btf.read import Btf
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.kernel.load import Loader, LoadOptions, load
from bpfcc.kernel.rejection import LoadError
from bpfcc.kernel.syscall import KernelError
from bpfcc.objfile.link import entry_functions, link
from bpfcc.objfile.model import Object
from bpfcc.objfile.read import from_bytes
from bpfcc.support.diagnostics import Sink
from bpfcc.support.errors import InputError
from bpfcc.support.source import SourceFile
from bpfcc.uapi import kernels
from bpfcc.verifier.build import Maps, build
from bpfcc.verifier.reject import Reject
from bpfcc.verifier.report import ProgramReport
from bpfcc.verifier.verify import VerifyOptions, judge_subject, verify

from . import csource
from .mutate import mutate

LARGEST = 1500
"""Programs of more instructions than that are left out: they take too long for many mutants."""


class Verdicts:
    """What was counted: (kernel's verdict, ours) -> number, and the lines about disagreements."""

    def __init__(self) -> None:
        self.count: Counter[tuple[str, str]] = Counter()
        self.marked: Counter[tuple[str, str]] = Counter()
        self.differences: list[str] = []
        self.instructions = 0
        self.seconds = 0.0

    def note(
        self, truth: str, ours: str, line: str, say: Callable[[str], None], mark: str = ""
    ) -> None:
        """Count one pair of verdicts; say ``line`` when they differ.

        ``mark``: "failure" or "success" where the program's author says what must happen.
        """
        self.count[truth, ours] += 1
        if mark and (mark == "failure") == (truth == "reject"):
            self.marked[mark, ours] += 1
        if ours != truth:
            line = f"{truth}/{ours} {line}"
            self.differences.append(line)
            say(line)

    def table(self) -> list[str]:
        """Return the confusion matrix and the speed, as lines."""
        lines = ["kernel  here     programs"]
        lines += [f"{k:7} {o:8} {n}" for (k, o), n in sorted(self.count.items())]
        for mark, wanted in (("failure", "reject"), ("success", "accept")):
            total = sum(n for (one, _), n in self.marked.items() if one == mark)
            if total:
                good = self.marked[mark, wanted]
                lines.append(f"marked for {mark}: {good} of {total}, {good / total:.2%}")
        if self.seconds:
            rate = self.instructions / self.seconds
            lines.append(f"{self.instructions} instructions, {rate:,.0f} per second")
        return lines


def read(path: str) -> Object:
    """Return the object file at ``path``."""
    with open(path, "rb") as stream:
        return from_bytes(stream.read(), os.path.basename(path))


def kernel_verdict(loader: Loader, name: str) -> tuple[str, str]:
    """Return the kernel's verdict on program ``name`` as it is now, and its last word."""
    try:
        loader.load_program(name).close()
    except LoadError as error:
        return "reject", error.reason
    except KernelError as error:
        return "other", str(error)
    except InputError as error:
        return "other", str(error)
    finally:
        loader.programs.pop(name, None)
    return "accept", ""


def own_verdict(obj: Object, name: str, maps: Maps, btf: Btf) -> ProgramReport:
    """Return our verdict on program ``name`` as it is now."""
    program = link(obj, name)
    report = ProgramReport(name, program.section)
    try:
        subject = build(program, maps, btf)
    except Reject as reject:
        report.verdict = "reject"  # type: ignore[assignment]
        report.kernel = reject.kernel
        return report
    options = VerifyOptions(btf=btf, cpus=os.cpu_count())
    try:
        judge_subject(subject, report, options, kernels.LATEST_TUPLE)
    except Exception as error:  # a defect of the checker: counted and shown like a disagreement
        report.verdict = "crash"  # type: ignore[assignment]
        report.kernel = repr(error)
    return report


def programs(obj: Object) -> Iterator[str]:
    """Yield the names of the programs that are small enough."""
    for function in entry_functions(obj):
        if len(function.insns) <= LARGEST:
            yield function.name


def run(
    path: str, btf: Btf, each: int, seed: int, verdicts: Verdicts, say: Callable[[str], None]
) -> None:
    """Judge ``each`` mutants of every accepted program of an object file."""
    try:
        obj = read(path)
        loader = Loader(obj, LoadOptions())
        loader.create_maps()
    except InputError:
        return
    maps = Maps(obj, kernels.LATEST_TUPLE)
    with loader:
        for name in programs(obj):
            if kernel_verdict(loader, name)[0] != "accept":
                continue
            linked = link(obj, name)
            own = [part.function for part in linked.functions]
            rng = random.Random(zlib.crc32(f"{os.path.basename(path)}:{name}:{seed}".encode()))
            for number in range(each):
                function = rng.choices(own, [len(part.insns) for part in own])[0]
                kept = function.insns
                function.insns = list(kept)
                done = mutate(function.insns, rng)
                if done:
                    try:
                        label = f"{os.path.basename(path)}:{name} #{number} {function.name} {done}"
                        _judge(obj, name, loader, maps, btf, label, verdicts, say)
                    finally:
                        function.insns = kept


def run_source(
    path: str, btf: Btf, each: int, seed: int, verdicts: Verdicts, say: Callable[[str], None]
) -> None:
    """Judge ``each`` mutants of a C file as our compiler makes them, whole objects."""
    with open(path, encoding="utf-8", errors="replace") as stream:
        text = stream.read()
    base = os.path.basename(path)
    rng = random.Random(zlib.crc32(f"{base}:{seed}".encode()))
    for number in range(each):
        changed, done = csource.mutate(text, rng) if number else (text, "unchanged")
        if not done:
            continue
        try:
            obj = compile_text(path, changed)
        except Exception as error:
            say(f"compiler crash {base} #{number} {done} | {error!r:.200}")
            continue
        if obj is None:
            continue
        try:
            load(obj).close()
            truth, word = "accept", ""
        except LoadError as error:
            truth, word = "reject", error.reason
        except (InputError, KernelError) as error:
            truth, word = "reject", str(error)
        try:
            report = verify(obj, VerifyOptions(btf=btf, cpus=os.cpu_count()))
            ours = str(report.verdict)
            programs_ = report.programs
            wrong = next((p for p in programs_ if str(p.verdict) == ours), None)
            what = wrong.kernel if wrong is not None and ours != "accept" else ""
        except InputError as error:
            ours, what = "reject", str(error)
        except Exception as error:
            ours, what = "crash", repr(error)
        verdicts.note(
            truth, ours, f"{base} #{number} {done} | kernel: {word[:120]} | here: {what[:120]}", say
        )
        if ours != truth and os.environ.get("KEEP"):
            with open(f"{os.environ['KEEP']}/{base[:-2]}_{seed}_{number}.c", "w") as out:
                out.write(changed)


def compile_text(path: str, text: str) -> Object | None:
    """Compile ``text`` as if it were the file at ``path``."""
    return compile_source(SourceFile(path, text), Options(), Sink())


def _judge(
    obj: Object, name: str, loader: Loader, maps: Maps, btf: Btf, label: str, verdicts: Verdicts,
    say: Callable[[str], None],
) -> None:  # fmt: skip
    truth, word = kernel_verdict(loader, name)
    if truth == "other":
        return
    start = time.perf_counter()
    report = own_verdict(obj, name, maps, btf)
    verdicts.seconds += time.perf_counter() - start
    verdicts.instructions += report.insns_processed
    verdicts.note(
        truth, str(report.verdict),
        f"{label} | kernel: {word[:100]} | here: {report.kernel[:100]}", say,
    )  # fmt: skip
