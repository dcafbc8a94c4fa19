"""Warnings about operators that bind otherwise than they look (-Wparentheses and its kin).

The syntax tree keeps no parentheses; whether an operand stood in them is read from the source
text around its tokens. Inside macro expansions nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..syntax.nodes import Assignment, BinaryOp
from .context import at_of, span_of

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context

_COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))
_BITWISE = frozenset(("&", "|", "^"))


def check_precedence(cx: Context, node: Any) -> None:
    """Warn about mixtures such as ``a & b == c`` and ``a << b + c`` and ``a || b && c``."""
    op = node.op
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


def _warn(cx: Context, group: str, message: str, node: Any, operand: Any) -> None:
    span = span_of(operand)
    if span is None or span.expansion is not None or parenthesised(span):
        return
    at = at_of(node)
    if at is None or at.expansion is not None:
        return
    cx.warning(group, message, at, fixits=[FixIt(f"write ({span.text()})")])


def parenthesised(span: Span, depth: int = 1) -> bool:
    """Return whether the text before ``span`` ends in ``depth`` opening parentheses."""
    text = span.file.text
    pos = span.start
    for _ in range(depth):
        pos -= 1
        while pos >= 0 and text[pos] in " \t\n\\":
            pos -= 1
        if pos < 0 or text[pos] != "(":
            return False
    return True


def check_assigned_condition(cx: Context, node: Any) -> None:
    """Warn about ``if (a = b)`` without a second pair of parentheses."""
    if node.__class__ is not Assignment or node.op != "=":
        return
    span = span_of(node)
    if span is None or span.expansion is not None or parenthesised(span, 2):
        return
    cx.warning(
        "parentheses",
        "using the result of an assignment as a condition without parentheses",
        at_of(node),
        fixits=[FixIt(f"({span.text()})", span), FixIt("==", at_of(node))],
    )
