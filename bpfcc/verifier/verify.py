"""The entry of the room: judge an object file, program by program."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from ..objfile.link import entry_functions, link
from ..objfile.model import Object
from ..support.diagnostics import Diagnostic, FixIt, Severity
from ..uapi import kernels
from .build import Maps, build
from .checker import Checker
from .explain import Explainer
from .explore import run
from .facts import Facts
from .hints import only_written
from .mapcheck import check_maps, check_operations
from .places import Places
from .reject import NotModelled, Reject
from .report import ProgramReport, Report, Verdict
from .stackdepth import check_stack
from .subject import Subject

if TYPE_CHECKING:
    from ..btf.read import Btf


class VerifyOptions:
    """How to judge.

    Attributes:
        kernel: like "5.15", or "latest".
        btf: the kernel's BTF, for programs that use kernel types; None = not known.
        privileged: CAP_PERFMON; without it, pointers must not leak and stack must be written.
        cpus: possible CPUs of the machine (the kernel bounds the CPU number by it); None = many.
        programs: names of the programs to judge; None = all that libbpf would load.
        facts: keep what is known at each C line (``ProgramReport.facts``); takes longer.
    """

    __slots__ = ("btf", "cpus", "facts", "kernel", "privileged", "programs")

    def __init__(
        self,
        kernel: str = "latest",
        btf: Btf | None = None,
        *,
        privileged: bool = True,
        cpus: int | None = None,
        programs: list[str] | None = None,
        facts: bool = False,
    ) -> None:
        self.facts = facts
        self.kernel = kernel
        self.btf = btf
        self.privileged = privileged
        self.cpus = cpus
        self.programs = programs


def verify(obj: Object, options: VerifyOptions | None = None) -> Report:
    """Judge ``obj`` as the kernel of ``options`` would.

    Raises InputError for an unknown kernel version or an object that cannot be linked.
    """
    options = options or VerifyOptions()
    kernel = kernels.parse(options.kernel)
    report = Report(kernel)
    maps = Maps(obj, kernel)
    places = Places(obj)
    report.diagnostics += check_maps(obj, maps.defs, kernel, places)
    report.diagnostics += check_operations(obj, options.btf)
    if report.diagnostics:
        report.verdict = Verdict.REJECT
    if obj.functions and not entry_functions(obj):
        report.diagnostics.append(_no_program(obj))
        report.verdict = Verdict.REJECT
    for function in entry_functions(obj):
        if options.programs is not None and function.name not in options.programs:
            continue
        report.programs.append(_judge(obj, function.name, maps, options, kernel))
    report.settle()
    return report


def _no_program(obj: Object) -> Diagnostic:
    name = obj.functions[0].name
    return Diagnostic(
        "bpf-section",
        Severity.ERROR,
        f"no function of this object has a SEC(): nothing can be loaded ('{name}' is in .text)",
        fixits=[FixIt('put SEC("...") before the program, like SEC("xdp")')],
        kernel=f"libbpf: prog '{name}': missing BPF prog type, check ELF section name '.text'",
    )


def _judge(
    obj: Object, name: str, maps: Maps, options: VerifyOptions, kernel: tuple[int, int]
) -> ProgramReport:
    program = link(obj, name)
    report = ProgramReport(name, program.section)
    try:
        subject = build(program, maps, options.btf)
    except Reject as reject:
        explainer = Explainer(None, program, kernel)
        report.verdict = Verdict.REJECT
        report.kernel, report.rule = reject.kernel, reject.rule
        report.diagnostics.append(explainer.diagnostic(reject))
        return report
    judge_subject(subject, report, options, kernel)
    return report


def judge_subject(
    subject: Subject, report: ProgramReport, options: VerifyOptions, kernel: tuple[int, int]
) -> Checker:
    """Judge a subject and fill in ``report``; returns the checker, for what it learned."""
    checker = Checker(
        subject,
        kernel,
        privileged=options.privileged,
        vmlinux=options.btf,
        cpus=options.cpus or 8192,
    )
    if options.facts:
        checker.watch = report.facts = Facts(subject)
    explainer = Explainer(checker, subject.program, kernel)
    collecting = gc.isenabled()
    gc.disable()  # millions of small objects, none of them in cycles
    try:
        run(checker)
        report.stack = check_stack(checker)
    except Reject as reject:
        report.verdict = Verdict.REJECT
        report.kernel, report.rule = reject.kernel, reject.rule
        report.slot = checker.slot_text(reject.idx)
        report.diagnostics.append(explainer.diagnostic(reject))
    except NotModelled as reason:
        report.verdict = Verdict.UNKNOWN
        report.kernel, report.rule = reason.what, "not-modelled"
        report.slot = checker.slot_text(reason.idx)
        report.diagnostics.append(explainer.unknown(reason))
    finally:
        if collecting:
            gc.enable()
    report.diagnostics += [
        explainer.warning(found) for found in checker.warnings if not only_written(checker, found)
    ]
    report.insns_processed = checker.processed
    report.states = checker.states
    return checker
