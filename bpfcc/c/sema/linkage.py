"""What declarations of functions and of objects have in common: storage classes, conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..tast.nodes import (
    Symbol,
)
from .context import at_of

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context


PERCPU_ADVICE = "use a BPF_MAP_TYPE_PERCPU_ARRAY map"


def storage_words(cx: Context, node: Any) -> list[str]:
    """Return the storage classes of a declaration; refuse thread-local storage."""
    words: list[str] = node.storage
    if "_Thread_local" in words:
        cx.error(
            "bpf-unsupported-c",
            "thread-local storage is not available in BPF",
            at_of(node),
            fixits=[FixIt(PERCPU_ADVICE)],
        )
    return words


def no_function_words(cx: Context, node: Any) -> None:
    """Refuse ``inline`` and ``_Noreturn`` at what is no function (6.7.4p2)."""
    for word in node.funcspec or ():
        cx.error("c-specifiers", f"'{word}' can only appear on functions", at_of(node))


def conflict(cx: Context, name: str, span: Span | None, before: Symbol) -> None:
    """Report that ``name`` is already something of another kind."""
    cx.error(
        "c-redefinition",
        f"redefinition of '{name}' as different kind of symbol",
        span,
        notes=[Note("previous definition is here", before.span)],
    )
