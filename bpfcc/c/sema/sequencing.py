"""Modifications without an order between them (-Wunsequenced, C17 6.5p2).

The two operands of most operators, and the arguments of a call, are evaluated in no particular
order; ``i = i++`` and ``f(i, i++)`` have no meaning. Only plain variables are looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..tast.nodes import (
    Assign,
    Binary,
    Call,
    Cast,
    Comma,
    CompoundAssign,
    Conditional,
    Deref,
    Expr,
    IncDec,
    Index,
    Member,
    PtrAdd,
    Unary,
    VarRef,
    VarSymbol,
)

if TYPE_CHECKING:
    from ...support.source import Span
    from .context import Context


class _Effects:
    """What evaluating an expression changes and reads."""

    __slots__ = ("changes", "reads")

    def __init__(self) -> None:
        self.changes: dict[VarSymbol, Span | None] = {}
        self.reads: set[VarSymbol] = set()

    def add(self, other: _Effects) -> None:
        """Take in what happens before or after, in a known order."""
        self.changes.update(other.changes)
        self.reads |= other.reads


class _Walk:
    """One full expression; each variable is reported once in it."""

    __slots__ = ("cx", "reported")

    def __init__(self, cx: Context) -> None:
        self.cx = cx
        self.reported: set[VarSymbol] = set()


def check_sequence(cx: Context, e: Expr, before: int) -> None:
    """Check a full expression; ``before``: modifications counted when it began.

    Nothing is walked unless there is something to find: two modifications, or one inside a larger
    expression.
    """
    count = cx.modifications - before
    if count >= 2 or (count == 1 and not isinstance(e, (Assign, CompoundAssign, IncDec))):
        _effects(_Walk(cx), e)


def _effects(w: _Walk, e: Expr) -> _Effects:
    out = _Effects()
    if isinstance(e, Cast):
        if e.kind == "load" and isinstance(e.operand, VarRef):
            out.reads.add(e.operand.symbol)
            return out
        return _effects(w, e.operand)
    if isinstance(e, (Binary, PtrAdd, Index)):
        if isinstance(e, Binary):
            left, right = _effects(w, e.left), _effects(w, e.right)
        else:
            left, right = _effects(w, e.pointer), _effects(w, e.index)
        if not (isinstance(e, Binary) and e.op in ("&&", "||")):
            _meet(w, left, right)
        left.add(right)
        return left
    if isinstance(e, (Assign, CompoundAssign)):
        return _assignment(w, e)
    if isinstance(e, IncDec):
        if isinstance(e.target, VarRef):
            out.changes[e.target.symbol] = e.span
            return out
        return _effects(w, e.target)
    if isinstance(e, Call):
        for arg in e.args:
            found = _effects(w, arg)
            _meet(w, out, found)
            out.add(found)
    elif isinstance(e, Comma):
        _effects(w, e.left)  # complete before the right side begins
        return _effects(w, e.right)
    elif isinstance(e, Conditional):
        for part in (e.cond, e.then, e.otherwise):
            if part is not None:
                out.add(_effects(w, part))
    elif isinstance(e, Unary):
        return _effects(w, e.operand)
    elif isinstance(e, Deref):
        return _effects(w, e.pointer)
    elif isinstance(e, Member):
        return _effects(w, e.base)
    return out


def _assignment(w: _Walk, e: Assign | CompoundAssign) -> _Effects:
    """The assignment itself follows the value of both sides, but not their side effects."""
    value = _effects(w, e.value)
    if not isinstance(e.target, VarRef):
        target = _effects(w, e.target)
        _meet(w, target, value)
        value.add(target)
        return value
    symbol = e.target.symbol
    if symbol in value.changes:
        _report(w, symbol, value.changes[symbol], "multiple unsequenced modifications to")
    value.changes[symbol] = e.span
    return value


def _meet(w: _Walk, a: _Effects, b: _Effects) -> None:
    for one, other in ((a, b), (b, a)):
        for symbol, span in one.changes.items():
            if symbol in other.changes:
                if one is a:
                    _report(w, symbol, span, "multiple unsequenced modifications to")
            elif symbol in other.reads:
                _report(w, symbol, span, "unsequenced modification and access to")


def _report(w: _Walk, symbol: VarSymbol, span: Span | None, what: str) -> None:
    if symbol not in w.reported:
        w.reported.add(symbol)
        w.cx.runtime_warning("unsequenced", f"{what} '{symbol.name}'", span)
