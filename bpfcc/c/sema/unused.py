"""What is declared or computed and never used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.promotion import integer_of
from ..ctype.relations import VOLATILE, qualifiers
from ..ctype.types import PointerType, VoidType, strip
from ..tast.nodes import (
    AddressOf,
    Assign,
    Binary,
    BuiltinCall,
    Call,
    Cast,
    Comma,
    CompoundAssign,
    Conditional,
    CoreInfo,
    Expr,
    FuncRef,
    IncDec,
    IndirectCall,
    IntConst,
    PtrAdd,
    PtrDiff,
    StmtExpr,
    StringLit,
    Unary,
    VarRef,
    VarSymbol,
)
from .symbols import ERROR, TypeName

if TYPE_CHECKING:
    from .context import Context
    from .symbols import Scope

_EFFECTS = (Assign, CompoundAssign, IncDec, Call, IndirectCall, StmtExpr, BuiltinCall)
_PLAIN = (
    VarRef,
    IntConst,
    Unary,
    StringLit,
    FuncRef,
    AddressOf,
    CoreInfo,
    PtrAdd,
    PtrDiff,
)
_COMPARISONS = {
    "==": "equality",
    "!=": "inequality",
    "<": "relational",
    ">": "relational",
    "<=": "relational",
    ">=": "relational",
}


def leave_scope(cx: Context, scope: Scope) -> None:
    """Warn about the locals of a scope that nothing uses; not in a function with errors."""
    if cx.function is not None and cx.sink.errors != cx.function.errors_before:
        return
    for symbol in scope.idents.values():
        if isinstance(symbol, VarSymbol):
            if symbol.storage != "extern" and not symbol.quiet and not symbol.is_param:
                _variable(cx, symbol)
        elif isinstance(symbol, TypeName) and not symbol.used:
            cx.warning("unused-local-typedef", f"unused typedef '{symbol.name}'", symbol.span)


def _variable(cx: Context, symbol: VarSymbol) -> None:
    if not symbol.used:
        cx.warning("unused-variable", f"unused variable '{symbol.name}'", symbol.span)
    elif only_written(symbol):
        cx.warning(
            "unused-but-set-variable",
            f"variable '{symbol.name}' set but not used",
            symbol.span,
        )


def only_written(symbol: VarSymbol) -> bool:
    """Return whether every mention of a variable only assigns to it."""
    return symbol.writes > 0 and symbol.refs == symbol.writes and not symbol.address_taken


def parameters(cx: Context, params: list[VarSymbol]) -> None:
    """Warn about parameters that nothing uses (-Wunused-parameter)."""
    for symbol in params:
        if symbol.quiet or symbol.name in ("", "_"):
            continue
        if not symbol.used:
            cx.warning("unused-parameter", f"unused parameter '{symbol.name}'", symbol.span)
        elif only_written(symbol):
            cx.warning(
                "unused-but-set-parameter",
                f"parameter '{symbol.name}' set but not used",
                symbol.span,
            )


def count_write(e: Expr) -> None:
    """Note that a full expression does nothing but change a variable."""
    while isinstance(e, Cast) and e.kind == "void":
        e = e.operand
    if isinstance(e, Assign) and isinstance(e.target, VarRef):
        e.target.symbol.writes += 1
    elif isinstance(e, (CompoundAssign, IncDec)) and isinstance(e.target, VarRef):
        if not qualifiers(e.target.type) & VOLATILE:
            e.target.symbol.writes += 1


def check_value(cx: Context, e: Expr) -> None:
    """Warn when the value of an expression statement is computed for nothing."""
    if isinstance(e, (Assign, CompoundAssign, IncDec)):
        count_write(e)
        return
    if e.type is ERROR or isinstance(strip(e.type), VoidType) or cx.unevaluated or cx.dead:
        return
    if isinstance(e, Call) and e.callee.must_use:
        cx.warning(
            "unused-result",
            "ignoring return value of function declared with 'warn_unused_result' attribute",
            e.span,
        )
    if isinstance(e, StmtExpr) and e.result is not None:
        check_value(cx, e.result)
        return
    if isinstance(e, _EFFECTS):
        return
    span = e.span
    if span is not None and span.expansion is not None:
        return
    if isinstance(e, Binary):
        kind = _COMPARISONS.get(e.op)
        if kind is not None:
            cx.warning("unused-comparison", f"{kind} comparison result unused", e.span)
            return
        if e.op in ("&&", "||"):
            if _has_effect(e.left) or _has_effect(e.right):
                return
        cx.warning("unused-value", "expression result unused", e.span)
    elif isinstance(e, Conditional):
        arms = [e.otherwise] if e.then is None else [e.then, e.otherwise]
        if not any(_has_effect(arm) for arm in arms):
            cx.warning("unused-value", "expression result unused", e.span)
    elif isinstance(e, Comma):
        check_value(cx, e.right)
    elif isinstance(e, Cast):
        if e.kind == "void" or _has_effect(e.operand):
            return
        if qualifiers(e.operand.type) & VOLATILE:
            return
        cx.warning("unused-value", "expression result unused", e.span)
    elif isinstance(e, _PLAIN):
        if isinstance(e, VarRef) and qualifiers(e.type) & VOLATILE:
            return
        cx.warning("unused-value", "expression result unused", e.span)
    elif e.lvalue and not qualifiers(e.type) & VOLATILE:
        if integer_of(e.type) is not None or isinstance(strip(e.type), PointerType):
            cx.warning("unused-value", "expression result unused", e.span)


def _has_effect(e: Expr) -> bool:
    """Whether evaluating ``e`` does something by itself."""
    while isinstance(e, Cast):
        if e.kind == "void":
            return True
        e = e.operand
    if isinstance(e, _EFFECTS):
        return True
    if isinstance(e, Comma):
        return _has_effect(e.right)
    if isinstance(e, Conditional):
        return _has_effect(e.otherwise) or (e.then is not None and _has_effect(e.then))
    if isinstance(e, Binary) and e.op in ("&&", "||"):
        return _has_effect(e.left) or _has_effect(e.right)
    return False
