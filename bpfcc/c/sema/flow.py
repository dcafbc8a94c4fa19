"""What control flow tells: missing returns, values used before they are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...support.source import Span
    from ..tast.nodes import Block
    from .context import Context
    from .symbols import FunctionState


def check_flow(cx: Context, function: FunctionState, block: Block, end: Span | None) -> None:
    """Check a function body; ``end`` is its closing brace."""
