"""Where a node of the syntax tree stands: its first and last token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ...support.source import Span


class TokenLike(Protocol):
    """What a token must offer here."""

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
        first: Span = self.first.span()
        if self.first is self.last:
            return first
        last: Span = self.last.span()
        if first.file is last.file and first.expansion is last.expansion:
            if first.start <= last.start:
                return first.to(last)
            # Spelled backwards: a macro uses its arguments in another order.
        return first.outermost().to(last.outermost())

    @property
    def at_span(self) -> Span:
        """The place of the ``at`` token alone."""
        span: Span = self.at.span()
        return span

    def __str__(self) -> str:
        return ":".join(map(str, self.span.position()))
