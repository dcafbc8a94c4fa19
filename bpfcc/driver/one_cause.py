"""One cause, one finding: the compiler, the source checks and the verifier may all see the same.

What the verifier finds is certain, and it knows the kernel's words; what the source checks find is
said in the names of the author's members. Where both speak of the same thing, the finding with the
better words takes the other's severity and kernel message.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from ..c.options import Lint
from ..support.diagnostics import Diagnostic, Note, Severity
from ..support.source import Span

# Findings of one of these kinds at one line are the same; the first kind has the best words.
_SAME: tuple[tuple[str, ...], ...] = (
    ("bpf-padding", "bpf-unset-field", "bpf-uninitialised"),
    ("bpf-uninitialised", "c-uninitialized", "c-sometimes-uninitialized", "c-return-type"),
    ("bpf-format-string", "c-format", "c-format-extra-args"),
    (
        "bpf-map-type",
        "bpf-stack-bounds",
        "bpf-map-value-bounds",
        "bpf-record-bounds",
        "bpf-uninitialised",
    ),
    ("bpf-stack-escape", "c-return-stack-address"),
    ("bpf-helper-not-allowed", "bpf-dropped-result"),
    ("bpf-loop",),
    ("bpf-atomic",),
)


def one_per_cause(
    source: Sequence[Diagnostic], found: Sequence[Diagnostic], lint: Lint | None = None
) -> list[Diagnostic]:
    """Return findings of the source, then the verifier's, each cause once.

    Those of the source are copied: the next kernel may make something else of them.
    """
    twins = {id(d): copy(d) for d in source}
    left = _sections(_licenses(_distinct([*twins.values(), *found])))
    if lint is not None:
        variables = [(n, body, twins[id(d)]) for n, body, d in lint.unwritten if id(d) in twins]
        left = _unwritten(left, variables)
        _count_turns(left, lint)
    return _same_line(left)


def _count_turns(diagnostics: list[Diagnostic], lint: Lint) -> None:
    """Say how often a loop turns that the kernel finds too long."""
    for d in diagnostics:
        if d.id != "bpf-loop" or d.span is None or d.severity != Severity.ERROR:
            continue
        outer = d.span.outermost()
        line = outer.file.line_col(outer.start)[0]
        for span, turns in lint.turns:
            where = span.outermost()
            if where.file is outer.file and where.file.line_col(where.start)[0] == line:
                d.notes.append(Note(f"it turns {turns} times", where))


def _distinct(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Keep one finding of a kind and text at a place: subprograms are judged once per caller."""
    kept: dict[tuple[Any, ...], int] = {}
    out: list[Diagnostic] = []
    for d in diagnostics:
        key = (d.id, d.message, d.span.position() if d.span is not None else None)
        at = kept.setdefault(key, len(out))
        if at == len(out):
            out.append(d)
        elif d.severity > out[at].severity:
            out[at] = d
    return out


def _licenses(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The license is one cause, however many calls it spoils: the first error stands for all."""
    errors = [d for d in diagnostics if d.id == "bpf-license" and d.severity == Severity.ERROR]
    if not errors:
        return diagnostics
    first = errors[0]
    for d in diagnostics:
        if d.id == "bpf-license" and d.severity != Severity.ERROR and d.notes:
            first.notes = d.notes  # the compiler knows where the license is set
    return [d for d in diagnostics if d.id != "bpf-license" or d is first]


def _sections(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The compiler says more of an unknown section than the loader's answer to it."""
    ours = [d for d in diagnostics if d.id == "bpf-section"]
    gone: set[int] = set()
    for worse in ours:
        for better in ours:
            if better is not worse and id(better) not in gone and worse.severity == Severity.ERROR:
                if better.message.startswith(worse.message) and better.severity != worse.severity:
                    _strengthen(better, worse)
                    gone.add(id(worse))
                    break
    return [d for d in diagnostics if id(d) not in gone]


def _unwritten(
    diagnostics: list[Diagnostic], variables: list[tuple[str, Span, Diagnostic]]
) -> list[Diagnostic]:
    """Every use of a variable that is not wholly written has the same cause: its declaration."""
    out = []
    for d in diagnostics:
        stands_for = None
        if d.id == "bpf-uninitialised" and d.span is not None:
            outer = d.span.outermost()
            name = d.span.text().strip("&() \t")
            for variable, body, finding in variables:
                if name == variable and body.file is outer.file:
                    if body.start <= outer.start < body.end and finding in diagnostics:
                        stands_for = finding
        if stands_for is None:
            out.append(d)
        else:
            _strengthen(stands_for, d)
    return out


def _same_line(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    groups: dict[tuple[int, str, int], Diagnostic] = {}
    gone: set[int] = set()
    for number, kinds in enumerate(_SAME):
        for d in diagnostics:
            if d.id not in kinds or d.span is None or id(d) in gone:
                continue
            file, line, _ = d.span.position()
            key = (number, file, line)
            other = groups.get(key)
            if other is None:
                groups[key] = d
            elif other.id == d.id and other.severity == d.severity:
                continue  # two of a kind: two arguments of one call
            else:
                better, worse = (
                    (d, other) if kinds.index(d.id) < kinds.index(other.id) else (other, d)
                )
                _strengthen(better, worse)
                groups[key] = better
                gone.add(id(worse))
    return [d for d in diagnostics if id(d) not in gone]


def _strengthen(better: Diagnostic, worse: Diagnostic) -> None:
    better.severity = max(better.severity, worse.severity)
    better.kernel = better.kernel or worse.kernel
    better.fixits = better.fixits or worse.fixits
