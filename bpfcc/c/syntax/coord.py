"""Where a node of the syntax tree stands: its first and last token."""

from __future__ import annotations

from typing import Any, Protocol

from ...support.source import SourceFile, Span


class TokenLike(Protocol):
    """What a token must offer here: where it is spelled, and that as a span."""

    file: SourceFile
    start: int
    end: int
    expansion: Span | None
    macro: str

    def span(self) -> Span:
        """Return the token's place."""


class Coord:
    """The ``coord`` of every node.

    ``first`` and ``last`` are its first and last token; ``at`` is the token that a message points
    to: the operator of a binary expression, an assignment or a conditional, the name in a
    declarator, the member name in ``a.b`` and ``a->b``, the ``(`` of a call; else ``first``.
    Spans are made only when asked for.
    """

    __slots__ = ("at", "first", "last")

    def __init__(self, first: Any, last: Any, at: Any = None) -> None:
        self.first = first
        self.last = last
        self.at = at if at is not None else first

    @property
    def span(self) -> Span:
        """The place from the first token's start to the last token's end."""
        first, last = self.first, self.last
        if first is last:
            whole: Span = first.span()
            return whole
        if first.file is last.file and first.expansion is last.expansion:
            if first.start <= last.start:
                return Span(first.file, first.start, last.end, first.expansion, first.macro)
            # Spelled backwards: a macro uses its arguments in another order.
        outermost: Span = first.span().outermost().to(last.span().outermost())
        return outermost

    @property
    def at_span(self) -> Span:
        """The place of the ``at`` token alone."""
        span: Span = self.at.span()
        return span

    def __str__(self) -> str:
        return ":".join(map(str, self.span.position()))
