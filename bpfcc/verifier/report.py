"""What an analysis says: a verdict per program, and the findings."""

from __future__ import annotations

from enum import Enum

from ..support.diagnostics import Diagnostic


class Verdict(Enum):
    """Whether the kernel would load it; UNKNOWN where something is not modelled."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNKNOWN = "unknown"


class ProgramReport:
    """One program. ``stack``: bytes of its deepest call chain; ``kernel``: the kernel's words."""

    __slots__ = (
        "diagnostics",
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
        self.verdict = Verdict.ACCEPT
        self.insns_processed = 0
        self.states = 0
        self.stack = 0
        self.kernel = ""
        self.rule = ""
        self.slot = -1
        self.diagnostics: list[Diagnostic] = []

    def __repr__(self) -> str:
        return f"<ProgramReport {self.name} {self.verdict.value}>"


class Report:
    """One object on one kernel. ``verdict`` is the worst of its programs and maps."""

    __slots__ = ("diagnostics", "kernel", "programs", "verdict")

    def __init__(self, kernel: tuple[int, int]) -> None:
        self.kernel = kernel
        self.verdict = Verdict.ACCEPT
        self.programs: list[ProgramReport] = []
        self.diagnostics: list[Diagnostic] = []

    def settle(self) -> None:
        """Set the verdict from the programs and collect their findings."""
        for program in self.programs:
            if program.verdict is Verdict.REJECT:
                self.verdict = Verdict.REJECT
            elif program.verdict is Verdict.UNKNOWN and self.verdict is Verdict.ACCEPT:
                self.verdict = Verdict.UNKNOWN
            self.diagnostics += program.diagnostics
