"""Labels and jumps (C17 6.8.1, 6.8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..syntax import nodes as n
from ..tast.nodes import (
    Block,
    Break,
    Continue,
    Goto,
    Label,
    LabelSymbol,
    Stmt,
)
from .attributes import read
from .context import at_of, span_of, state
from .statements import block_item
from .symbols import FunctionState, LabelState, Scope

if TYPE_CHECKING:
    from typing import Any

    from .context import Context


# --------------------------------------------------------------------------- jumps
def break_statement(cx: Context, node: Any) -> Stmt | None:
    """``break``."""
    if not state(cx).breakable:
        cx.error("c-break", "'break' statement not in loop or switch statement", span_of(node))
        return None
    return Break(span_of(node))


def continue_statement(cx: Context, node: Any) -> Stmt | None:
    """``continue``."""
    if not state(cx).continuable:
        cx.error("c-break", "'continue' statement not in loop statement", span_of(node))
        return None
    return Continue(span_of(node))


def label_state(cx: Context, name: str) -> LabelState:
    """Return the function's label ``name``, made at its first mention.

    ``__label__`` makes a name local to a block; it is renamed behind the scenes.
    """
    function = state(cx)
    scope: Scope | None = cx.scope
    while scope is not None:
        if name in scope.labels:
            return scope.labels[name]
        scope = scope.parent
    found = function.labels.get(name)
    if found is None:
        found = function.labels[name] = LabelState(LabelSymbol(name, None))
    return found


def local_labels(cx: Context, node: Any) -> Stmt | None:
    """``__label__ a, b;``."""
    function = state(cx)
    for item in node.names:
        made = LabelState(LabelSymbol(item.name, span_of(item)))
        cx.scope.labels[item.name] = made
        function.labels[f"{item.name} {len(function.labels)}"] = made
    return None


def goto(cx: Context, node: Any) -> Stmt:
    """``goto name``."""
    found = label_state(cx, node.name)
    if found.used is None:
        found.used = span_of(node)
    found.uses.append((state(cx).stmt_exprs, span_of(node)))
    return Goto(found.symbol, span_of(node))


def label(cx: Context, node: Any) -> Stmt:
    """``name: statement``."""
    found = label_state(cx, node.name)
    span = at_of(node)
    if found.defined is not None:
        cx.error(
            "c-redefinition",
            f"redefinition of label '{node.name}'",
            span,
            notes=[Note("previous definition is here", found.defined)],
        )
        found.attributes_unused = True  # one word about it is enough
        return Block([], span)
    found.defined = found.symbol.span = span
    if node.attributes:
        found.attributes_unused = read(cx, node.attributes).unused
    function = state(cx)
    found.inside = function.stmt_exprs
    function.symbol.labels.append(found.symbol)
    out: list[Stmt] = [Label(found.symbol, span)]
    if node.stmt is not None:
        block_item(cx, node.stmt, out)
    return Block(out, span_of(node))


def computed_goto(cx: Context, node: Any) -> Stmt | None:
    """``goto *p`` does not exist in BPF."""
    cx.error(
        "bpf-unsupported-c",
        "computed goto is not available in BPF",
        span_of(node),
        fixits=[FixIt("use a switch")],
    )
    return None


def finish_labels(cx: Context, function: FunctionState) -> None:
    """Report labels used but not defined, and defined but not used."""
    for key, found in function.labels.items():
        name = key.split(" ")[0]
        if found.defined is None:
            if found.used is not None:
                cx.error("c-undeclared-label", f"use of undeclared label '{name}'", found.used)
        for inside, span in found.uses:
            if found.defined is not None and inside[: len(found.inside)] != found.inside:
                cx.error(
                    "c-jump",
                    "cannot jump from this goto statement to its label",
                    span,
                    notes=[Note("jump enters a statement expression", found.defined)],
                )
        if found.defined is not None and found.used is None and not found.attributes_unused:
            cx.warning("unused-label", f"unused label '{name}'", found.defined)


RULES = {
    n.Break: break_statement,
    n.Continue: continue_statement,
    n.Goto: goto,
    n.Label: label,
    n.ComputedGoto: computed_goto,
    n.LocalLabels: local_labels,
}
