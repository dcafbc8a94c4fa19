"""Calls of functions that nobody declared: what they may have been meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ...uapi import helpers
from ...uapi.alternatives import LIBRARY
from .context import span_of
from .spelling import nearest
from .symbols import ErrorExpr

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from ..tast.nodes import Expr
    from .context import Context


def missing_function(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """Report the call of an undeclared function."""
    name = node.name.name
    where = span_of(node.name)
    for argument in arguments:
        cx.expr(argument)
    if name in LIBRARY:
        cx.warning(
            "implicit-function-declaration",
            f"{name}() does not exist in BPF programs",
            where,
            id="bpf-unknown-function",
            fixits=[FixIt(LIBRARY[name])],
        )
        return ErrorExpr(span)
    if name in helpers.by_name:
        cx.warning(
            "implicit-function-declaration",
            f"'{name}' is a BPF helper, but nothing declares it",
            where,
            id="bpf-unknown-function",
            fixits=[FixIt("#include <bpf/bpf_helpers.h>")],
        )
        return ErrorExpr(span)
    near = cx.demand.similar_ident(name) if cx.demand is not None else None
    near = near or nearest(name, helpers.by_name)
    notes: list[Note] = []
    fixits: list[FixIt] = []
    message = (
        f"call to undeclared function '{name}'; it is neither a BPF helper nor a function of "
        "this program"
    )
    if near is not None:
        message += f"; did you mean '{near}'?"
        fixits = [FixIt(near, where)]
        symbol = cx.lookup(near)
        if symbol is not None and symbol.span is not None:
            notes = [Note(f"'{near}' declared here", symbol.span)]
    else:
        fixits = [FixIt(f"define it, or declare a kernel function: extern int {name}(...) __ksym;")]
    cx.warning(
        "implicit-function-declaration",
        message,
        where,
        id="bpf-unknown-function",
        notes=notes,
        fixits=fixits,
    )
    return ErrorExpr(span)
