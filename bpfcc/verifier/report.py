"""What an analysis says: a verdict per program, and the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..support.diagnostics import Diagnostic

if TYPE_CHECKING:
    from .facts import Facts


class Verdict:
    """Whether the kernel would load it; UNKNOWN where something is not modelled."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNKNOWN = "unknown"


class ProgramReport:
    """One program.

    ``stack``: bytes of its deepest call chain; ``kernel``: the kernel's words; ``facts``: what is
    known at each C line, if it was asked for.
    """

    __slots__ = (
        "diagnostics",
        "facts",
        "insns_processed",
        "kernel",
        "name",
        "rule",
        "section",
        "slot",
        "stack",
        "states",
        "verdict",
    )

    def __init__(self, name: str, section: str) -> None:
        self.name = name
        self.section = section
        self.verdict: str = Verdict.ACCEPT
        self.insns_processed = 0
        self.states = 0
        self.stack = 0
        self.kernel = ""
        self.rule = ""
        self.slot = -1
        self.diagnostics: list[Diagnostic] = []
        self.facts: Facts | None = None

    def __repr__(self) -> str:
        return f"<ProgramReport {self.name} {self.verdict}>"


class Report:
    """One object on one kernel.

    ``verdict`` is the worst of its programs and maps; ``diagnostics`` are those about no program.
    """

    __slots__ = ("diagnostics", "kernel", "programs", "verdict")

    def __init__(self, kernel: tuple[int, int]) -> None:
        self.kernel = kernel
        self.verdict: str = Verdict.ACCEPT
        self.programs: list[ProgramReport] = []
        self.diagnostics: list[Diagnostic] = []

    def settle(self) -> None:
        """Set the verdict to the worst of the programs'."""
        for program in self.programs:
            if program.verdict == Verdict.REJECT:
                self.verdict = Verdict.REJECT
            elif program.verdict == Verdict.UNKNOWN and self.verdict == Verdict.ACCEPT:
                self.verdict = Verdict.UNKNOWN

    def findings(self) -> list[Diagnostic]:
        """Return the findings of the object itself and of all its programs."""
        return self.diagnostics + [d for p in self.programs for d in p.diagnostics]
