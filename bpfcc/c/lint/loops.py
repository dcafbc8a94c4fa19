"""How often loops turn, where their head tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.promotion import integer_of
from ..tast import nodes as t
from ..tast.evaluate import evaluate_int
from ..tast.walk import walk

if TYPE_CHECKING:
    from .findings import Findings

_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def check(findings: Findings) -> None:
    """Look at the condition of every loop."""
    for _, body in findings.bodies:
        for node in walk(body):
            if isinstance(node, t.Loop) and node.cond is not None:
                _count(findings, node)


def _compared(cond: t.Expr) -> tuple[t.Expr, str, int] | None:
    """Return (expression, operator, constant) of a comparison with a constant."""
    while isinstance(cond, t.Cast) and cond.kind in ("bool", "int"):
        cond = cond.operand
    if not isinstance(cond, t.Binary) or cond.op not in _TURNED:
        return None
    right = evaluate_int(cond.right)
    if right is not None:
        return cond.left, cond.op, right
    left = evaluate_int(cond.left)
    return (cond.right, _TURNED[cond.op], left) if left is not None else None


def _unwidened(e: t.Expr) -> t.Expr:
    """Return what an integer expression was before it was promoted."""
    while isinstance(e, t.Cast) and e.kind == "int":
        inner, outer = integer_of(e.operand.type), integer_of(e.type)
        if inner is None or outer is None or inner.size > outer.size:
            break
        e = e.operand
    return e


def _count(findings: Findings, loop: t.Loop) -> None:
    """Note how often a loop over constants turns, as ``for (i = 0; i < N; i++)`` tells."""
    found = _compared(loop.cond) if loop.cond is not None else None
    step = loop.step
    if found is None or found[1] not in ("<", "<=") or not isinstance(step, t.IncDec):
        return
    variable = _unwidened(found[0])
    if isinstance(variable, t.Cast) and variable.kind == "load":
        variable = variable.operand
    start = _start(loop.init)
    if not isinstance(variable, t.VarRef) or not isinstance(step.target, t.VarRef):
        return
    if start is None or start[0] is not variable.symbol or step.target.symbol is not start[0]:
        return
    turns = found[2] - start[1] + (found[1] == "<=")
    if step.delta == 1 and turns > 0 and loop.span is not None:
        findings.turns.append((loop.span, turns))


def _start(init: t.Stmt | None) -> tuple[t.VarSymbol, int] | None:
    """Return the counter and its first value, which the first clause of a ``for`` sets."""
    statements = init.statements if isinstance(init, t.Block) else [init]
    for statement in statements:
        if isinstance(statement, t.DeclStmt) and statement.init is not None:
            items = statement.init.items
            value = evaluate_int(items[0].value) if len(items) == 1 else None
            if value is not None:
                return statement.symbol, value
        if isinstance(statement, t.ExprStmt) and isinstance(statement.expr, t.Assign):
            target, value = statement.expr.target, evaluate_int(statement.expr.value)
            if isinstance(target, t.VarRef) and value is not None:
                return target.symbol, value
    return None
