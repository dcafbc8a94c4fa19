"""Warnings about operators that bind otherwise than they look (-Wparentheses and its kin).

The syntax tree keeps no parentheses, but a node in parentheses begins with them and not with its
first operand. Inside macro expansions nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..syntax.nodes import Assignment, BinaryOp, UnaryOp
from .context import at_of, span_of

if TYPE_CHECKING:
    from typing import Any

    from .context import Context

_COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))
_BITWISE = frozenset(("&", "|", "^"))


def check_precedence(cx: Context, node: Any) -> None:
    """Warn about mixtures such as ``a & b == c`` and ``a << b + c`` and ``a || b && c``."""
    op = node.op
    if op in _COMPARISONS:
        _check_negation(cx, node)
    for operand in (node.left, node.right):
        if operand.__class__ is not BinaryOp:
            continue
        inner = operand.op
        if op in _BITWISE:
            if inner in _COMPARISONS:
                _warn(
                    cx,
                    "parentheses",
                    f"{op} has lower precedence than {inner}; {inner} will be evaluated first",
                    node,
                    operand,
                )
        elif op in ("<<", ">>") and inner in ("+", "-"):
            _warn(
                cx,
                "shift-op-parentheses",
                f"operator '{op}' has lower precedence than '{inner}'; '{inner}' will be "
                "evaluated first",
                node,
                operand,
            )
        elif op == "||" and inner == "&&":
            _warn(cx, "logical-op-parentheses", "'&&' within '||'", operand, operand)
        elif op in _COMPARISONS and inner in _COMPARISONS and operand is node.left:
            if op not in ("==", "!=") and inner not in ("==", "!="):
                _warn(
                    cx,
                    "parentheses",
                    f"comparisons like 'X{inner}Y{op}Z' don't have their mathematical meaning",
                    node,
                    operand,
                )


def _check_negation(cx: Context, node: Any) -> None:
    """Warn about ``!a == 3``, where ``!(a == 3)`` may be meant."""
    left, right = node.left, node.right
    if left.__class__ is not UnaryOp or left.op != "!" or left.coord is None:
        return
    if right.__class__ is UnaryOp and right.op == "!":
        return
    if right.__class__ is BinaryOp and (right.op in _COMPARISONS or right.op in ("&&", "||")):
        return
    span, at = span_of(left), at_of(left)
    if span is None or span.expansion is not None or not span.text().startswith("!"):
        return
    operand, rest = span_of(left.expr), span_of(right)
    fixits = []
    if operand is not None and rest is not None:
        fixits = [FixIt(f"write !({operand.text()} {node.op} {rest.text()})")]
    cx.warning(
        "logical-not-parentheses",
        "logical not is only applied to the left hand side of this comparison",
        at,
        fixits=fixits,
    )


def _warn(cx: Context, group: str, message: str, node: Any, operand: Any) -> None:
    if _parenthesised(operand, operand.left):
        return
    span, at = span_of(operand), at_of(node)
    if span is None or at is None or span.expansion is not None or at.expansion is not None:
        return
    cx.warning(group, message, at, fixits=[FixIt(f"write ({span.text()})")])


def _parenthesised(node: Any, first: Any) -> bool:
    """Return whether ``node`` stands in parentheses; ``first`` is its first operand."""
    if node.coord is None or first.coord is None:
        return True
    return node.coord.first is not first.coord.first


def check_assigned_condition(cx: Context, node: Any) -> None:
    """Warn about ``if (a = b)`` without a second pair of parentheses."""
    if node.__class__ is not Assignment or node.op != "=":
        return
    span = span_of(node)
    if span is None or span.expansion is not None or _parenthesised(node, node.lvalue):
        return
    cx.warning(
        "parentheses",
        "using the result of an assignment as a condition without parentheses",
        at_of(node),
        fixits=[FixIt("==", at_of(node))],
    )
