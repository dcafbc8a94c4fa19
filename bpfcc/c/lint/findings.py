"""What the checks share: the unit, its functions, and the findings so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import Diagnostic, FixIt, Note, Severity
from ..tast.nodes import Block, FuncSymbol

if TYPE_CHECKING:
    from ...support.diagnostics import Sink
    from ...support.source import Span
    from ..tast.nodes import Unit


class Findings:
    """Collects findings of one unit; ``bodies`` are its functions with their bodies.

    ``generation`` is that of the dialect, 1 to 4; ``unwritten`` and ``turns`` are as in ``Lint``.
    """

    def __init__(self, unit: Unit, generation: int) -> None:
        self.unit = unit
        self.generation = generation
        self.unwritten: list[tuple[str, Span, Diagnostic]] = []
        self.turns: list[tuple[Span, int]] = []
        self.bodies: list[tuple[FuncSymbol, Block]] = [
            (function, function.body) for function in unit.functions if function.body is not None
        ]
        self._found: list[Diagnostic] = []

    def add(
        self,
        id: str,
        message: str,
        span: Span | None,
        *,
        severity: Severity = Severity.WARNING,
        notes: list[Note] | None = None,
        fixits: list[FixIt] | None = None,
    ) -> Diagnostic:
        """Note a finding and return it; its id is also its warning group."""
        found = Diagnostic(id, severity, message, span, group=id, notes=notes, fixits=fixits)
        self._found.append(found)
        return found

    def deliver(self, sink: Sink) -> None:
        """Report everything, in the order of the source."""
        for diagnostic in sorted(self._found, key=_place):
            sink.report(diagnostic)


def _place(diagnostic: Diagnostic) -> tuple[str, int, int]:
    if diagnostic.span is None:
        return ("", 0, 0)
    outer = diagnostic.span.outermost()
    return (outer.file.name, outer.start, diagnostic.span.start)
