"""All source-level checks of one unit, in the order of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import generation1, loops, maps, records, results, sharing
from .findings import Findings

if TYPE_CHECKING:
    from ..options import Lint
    from ..tast.nodes import Unit


def check(unit: Unit, lint: Lint) -> None:
    """Report what is found in ``unit``, which has no errors, to ``lint``."""
    lint.generation = 1 if generation1.applies(unit) else unit.dialect
    findings = Findings(unit, lint.generation)
    for rule in (records, results, sharing, maps, loops):
        rule.check(findings)
    if findings.generation == 1:
        generation1.check(findings)
    lint.unwritten = findings.unwritten
    lint.turns = findings.turns
    findings.deliver(lint.sink)
