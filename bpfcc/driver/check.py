"""Checking a filter against one or several kernels: findings, verdict, budgets.

A C file is compiled first, and the verdict is that on the object it becomes; warnings of the source
come along. An object is judged as it is.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from copy import copy
from typing import Any

from ..btf.read import Btf
from ..c.options import Lint
from ..objfile.model import Object
from ..support.diagnostics import Diagnostic, FixIt, Severity, Sink, WarningPolicy
from ..support.errors import InputError
from ..support.render import as_dict
from ..uapi import kernels
from ..verifier import ProgramReport, VerifyOptions, verify
from . import build
from .btf_source import load_btf
from .core_fields import Field, advise, as_rows, changed, fields
from .formats import fingerprint
from .objects import about
from .one_cause import one_per_cause
from .options import Options
from .suppress import Baseline, apply_suppressions

C_SUFFIXES = (".c", ".i")


class Budget:
    """Limits that turn into findings; None = no limit. ``stack`` in bytes."""

    def __init__(
        self, insns: int | None = None, stack: int | None = None, processed: int | None = None
    ) -> None:
        self.insns = insns
        self.stack = stack
        self.processed = processed


class KernelTypes:
    """The BTF of one kernel: ``name`` is what to call it, "" for the default."""

    def __init__(self, btf: Btf | None, name: str = "") -> None:
        self.btf = btf
        self.name = name


def kernel_types(paths: Sequence[str]) -> list[KernelTypes]:
    """Return the types in each BTF file, or the running kernel's where none is given.

    Raises: InputError when a file cannot be read or is no BTF.
    """
    if len(paths) < 2:
        return [KernelTypes(load_btf(paths[0] if paths else None))]
    short = [os.path.basename(path) for path in paths]
    names = short if len(set(short)) == len(short) else list(paths)
    return [KernelTypes(load_btf(path), name) for path, name in zip(paths, names)]


class FileReport:
    """One file against one kernel. ``verdict``: "accept", "reject" or "unknown".

    ``types`` names the BTF when there are several; ``fields`` are the CO-RE fields in them.
    """

    def __init__(self, path: str, kernel: str, types: str = "") -> None:
        self.path = path
        self.kernel = kernel
        self.types = types
        self.fields: list[dict[str, Any]] = []
        self.verdict = "accept"
        self.programs: list[ProgramReport] = []
        self.diagnostics: list[Diagnostic] = []

    @property
    def has_findings(self) -> bool:
        """Whether an error is left that is neither silenced nor known from before.

        What is rejected or cannot be judged has one.
        """
        return any(d.severity == Severity.ERROR for d in self.diagnostics)

    @property
    def target(self) -> str:
        """What the verdict is about, in words."""
        if not self.types:
            return self.kernel
        return self.types if self.kernel == "latest" else f"{self.kernel} {self.types}"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of ``--format json``."""
        row = {
            "file": self.path,
            "verdict": self.verdict,
            "kernel": self.kernel,
            "programs": [
                {
                    "name": p.name,
                    "section": p.section,
                    "verdict": p.verdict,
                    "insns_processed": p.insns_processed,
                    "stack": p.stack,
                }
                for p in self.programs
            ],
            "diagnostics": [as_dict(d) for d in self.diagnostics],
        }
        if self.types:
            row["btf"] = self.types
            row["core_fields"] = self.fields
        return row


def kernel_list(text: str) -> list[str]:
    """Split "5.4,6.1,latest" and check each.

    Raises: InputError for what is no version.
    """
    found = [part.strip() for part in text.split(",") if part.strip()]
    for part in found:
        try:
            kernels.parse(part)
        except ValueError as error:
            raise InputError(str(error)) from error
    return found or ["latest"]


class Subject:
    """One input: its object, and what its compilation said.

    ``obj`` is None after errors of the C language, which are in ``source``.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.obj: Object | None = None
        self.source: list[Diagnostic] = []
        self.lint: Lint | None = None
        self.fields: list[Field] = []  # with several BTFs: see ``core_fields``
        self.types: list[KernelTypes] = []
        self.policy = WarningPolicy()


def load(path: str, options: Options) -> Subject:
    """Read or compile an input; C also goes through the source-level checks.

    A value that is surely never written is an error here, not a warning: our code generator makes
    it zero, but the kernel refuses the register that other compilers leave unwritten.
    """
    subject = Subject(path)
    sink = Sink(options.warnings, error_limit=options.error_limit)
    everything = WarningPolicy()  # what is switched off is dropped when causes are told apart
    everything.on |= WarningPolicy.DEFAULT_OFF
    lint = options.lint = Lint(Sink(everything))
    subject.obj = build.load_input(path, options, sink)
    subject.lint = lint
    subject.policy = options.warnings
    subject.source = [*sink.diagnostics, *lint.sink.diagnostics]
    for d in subject.source:
        if d.group == "uninitialized" and "uninitialized" not in options.warnings.not_errors:
            _without_value(d)
    return subject


def _without_value(d: Diagnostic) -> None:
    """Make of clang's warning the error that the kernel makes of it."""
    name = d.span.text() if d.span is not None else "this"
    d.id, d.severity, d.group = "bpf-uninitialised", Severity.ERROR, ""
    d.message = f"'{name}' is used here without a value"
    d.kernel = "!read_ok"
    edits = [fix.text.strip() for fix in d.fixits if fix.span is not None]
    if d.notes:
        d.notes[0].message = f"'{name}' is declared here without an initialiser"
    d.fixits += [FixIt(f"initialise it:  {name} {edit};") for edit in edits[:1]]


def check_subject(
    subject: Subject,
    kernel: str,
    *,
    types: KernelTypes,
    budget: Budget,
    privileged: bool = True,
    facts: bool = False,
) -> FileReport:
    """Judge one input for one kernel; ``facts``: keep what is known at each C line."""
    if subject.obj is None:
        report = FileReport(subject.path, kernel, types.name)
        report.verdict = "reject"
        report.diagnostics = apply_suppressions(_wanted(copies(subject.source), subject.policy))
        return report
    with about(subject.path):
        report = check_object(
            subject.obj,
            subject.path,
            kernel,
            btf=types.btf,
            budget=budget,
            privileged=privileged,
            source=subject.source,
            lint=subject.lint,
            policy=subject.policy,
            facts=facts,
        )
    report.types = types.name
    if subject.fields:
        number = [t.name for t in subject.types].index(types.name)
        other = _wanted(changed(subject.fields, number), subject.policy)
        report.diagnostics += apply_suppressions(other)
        report.fields = as_rows(subject.fields, [t.name for t in subject.types])
    unresolved = [d for d in report.diagnostics if d.id == "bpf-core"]
    if unresolved and types.btf is not None:
        advise(subject.fields or fields(subject.obj, [types.btf]), unresolved)
    return report


def core_fields(subject: Subject, types: Sequence[KernelTypes]) -> list[Field]:
    """Return the kernel's fields that an input uses, looked up in each of ``types``."""
    btfs = [t.btf for t in types if t.btf is not None]
    if subject.obj is None or len(btfs) != len(types):
        return []
    subject.types = list(types)
    return fields(subject.obj, btfs)


def copies(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return copies, for a report of one kernel to change."""
    return [copy(d) for d in diagnostics]


def check_object(
    obj: Object,
    path: str,
    kernel: str,
    *,
    btf: Btf | None,
    budget: Budget,
    privileged: bool = True,
    source: Sequence[Diagnostic] = (),
    lint: Lint | None = None,
    policy: WarningPolicy | None = None,
    facts: bool = False,
) -> FileReport:
    """Judge ``obj`` for one kernel.

    ``source`` is what its compilation said; ``lint`` tells about the source, ``policy`` which
    warnings are wanted. The verdict is that on
    the object, or "reject" when an error of the source is left.
    """
    report = FileReport(path, kernel)
    result = verify(obj, VerifyOptions(kernel, btf, privileged=privileged, facts=facts))
    report.verdict = str(result.verdict)
    report.programs = list(result.programs)
    found = list(result.diagnostics)
    for program in result.programs:
        found += program.diagnostics
        found += _over_budget(obj, program, budget)
    if lint is not None and lint.generation == 1:
        for d in found:  # what later kernels let pass, the first form of the dialect did not
            if d.id == "bpf-uninitialised":
                d.severity = Severity.ERROR
    merged = one_per_cause(source, found, lint)
    report.diagnostics = apply_suppressions(_wanted(merged, policy or WarningPolicy()))
    _settle(report)
    return report


def _wanted(diagnostics: list[Diagnostic], policy: WarningPolicy) -> list[Diagnostic]:
    """Return the findings that -W flags leave, errors among them that were warnings."""
    out = []
    for d in diagnostics:
        severity = policy.severity(d)
        if severity is not None:
            d.severity = severity
            out.append(d)
    return out


def _settle(report: FileReport) -> None:
    """Bring the verdict in line with the errors that are left."""
    errors = any(
        d.severity == Severity.ERROR and not d.id.startswith("bpf-budget")
        for d in report.diagnostics
    )
    if errors and report.verdict == "accept":
        report.verdict = "reject"
    elif not errors and report.verdict == "reject":
        report.verdict = "accept"  # every reason was silenced in the source, or is known


def _over_budget(obj: Object, program: ProgramReport, budget: Budget) -> list[Diagnostic]:
    function = obj.function(program.name)
    insns = sum(insn.slots for insn in function.insns) if function is not None else 0
    rows = (
        ("bpf-budget-insns", "instructions", insns, budget.insns),
        ("bpf-budget-stack", "bytes of stack", program.stack, budget.stack),
        (
            "bpf-budget-processed",
            "processed instructions",
            program.insns_processed,
            budget.processed,
        ),
    )
    return [
        Diagnostic(
            id,
            Severity.ERROR,
            f"program '{program.name}' has {value} {what}; the budget is {limit}",
        )
        for id, what, value, limit in rows
        if limit is not None and value is not None and value > limit
    ]


def apply_baseline(reports: Sequence[FileReport], path: str, *, update: bool) -> None:
    """Drop the findings recorded in the baseline file; write the file when asked or missing.

    Raises: InputError when the file is no baseline.
    """
    keys = {id(d): fingerprint(d) for r in reports for d in r.diagnostics}
    baseline = Baseline.read(path)
    if baseline is None or update:
        counts: dict[str, int] = {}
        for key in keys.values():
            counts[key] = counts.get(key, 0) + 1
        from .output import write_atomic

        baseline = Baseline(counts)
        write_atomic(path, baseline.text().encode("utf-8", "backslashreplace"))
    for report in reports:
        report.diagnostics = baseline.new_findings(report.diagnostics, keys)
        if report.verdict == "reject":
            _settle(report)


def stack_lines(obj: Object) -> list[str]:
    """Return the --stack-report: per function its bytes of frame and the variables in them."""
    out = []
    for function in obj.functions:
        stack = function.stack
        out.append(f"{function.name}: {stack if stack is not None else 'unknown'} bytes")
        places: dict[int, set[str]] = {}
        for note in function.notes:
            if note.reg is None:
                places.setdefault(note.stack, set()).add(note.name)
        for offset in sorted(places):
            out.append(f"    {offset:5d}  {', '.join(sorted(places[offset]))}")
    return out


def veristat_csv(reports: Sequence[FileReport]) -> str:
    """Return what veristat's ``-o csv`` prints, so that it can compare two runs (``-C``).

    As there, files go by their names without folders and a duration is microseconds (none here).
    With several kernels each has rows of its own, of "file@kernel".
    """
    lines = ["file_name,prog_name,verdict,duration,total_insns,total_states,peak_states"]
    several = len({report.target for report in reports}) > 1
    for report in reports:
        name = os.path.basename(report.path) + (f"@{report.target}" if several else "")
        name = name.replace(",", "_")  # the format has no quotes
        for program in report.programs:
            verdict = "success" if program.verdict == "accept" else "failure"
            lines.append(
                f"{name},{program.name},{verdict},0,{program.insns_processed},{program.states},"
                f"{program.states}"
            )
    return "\n".join(lines) + "\n"
