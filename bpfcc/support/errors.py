"""The two roots of every exception that bpfcc raises on purpose.

``InputError`` means that what the user gave is wrong (exit 1, or 2 for the checking commands);
``InternalError`` means that bpfcc itself is wrong (exit 70, with a crash report).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .diagnostics import Diagnostic
    from .source import Span


class InputError(Exception):
    """The input cannot be used.

    Carries the diagnostics to show; ``str()`` is the first message.
    """

    def __init__(self, message: str, diagnostics: list[Diagnostic] | None = None) -> None:
        super().__init__(message)
        self.diagnostics: list[Diagnostic] = diagnostics or []


class InternalError(Exception):
    """A broken invariant inside bpfcc: names the stage, the function and the place."""

    def __init__(
        self, message: str, *, stage: str = "", function: str = "", span: Span | None = None
    ) -> None:
        super().__init__(message)
        self.stage = stage
        self.function = function
        self.span = span
