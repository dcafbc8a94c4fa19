"""Explicit casts (C17 6.5.4), and values taken for true or false."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.layout import is_complete
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.relations import (
    VOLATILE,
    compatible,
    qualifiers,
    unqualified,
)
from ..ctype.types import (
    BOOL,
    VOID,
    ArrayType,
    CType,
    FloatType,
    PointerType,
    RecordType,
    VoidType,
    strip,
)
from ..tast.nodes import (
    AddressOf,
    Binary,
    Cast,
    Deref,
    Expr,
    FloatConst,
    FuncRef,
    IntConst,
    Member,
    VarRef,
)
from .conversions import convert, no_float, note_lookup, rvalue
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from ...support.source import Span
    from .context import Context

MASK64 = 0xFFFFFFFFFFFFFFFF


# --------------------------------------------------------------------------- conditions and casts
def condition(cx: Context, e: Expr) -> Expr:
    """Return the value of ``e`` for a test against zero; it must be scalar (6.8.4.1)."""
    if isinstance(e, (VarRef, Member)) and isinstance(strip(e.type), ArrayType):
        if not _is_flexible_null(e):
            _always_true(cx, "array", e)
    elif isinstance(e, FuncRef) and not e.symbol.weak:
        _always_true(cx, "function", e)
    elif isinstance(e, AddressOf) and isinstance(e.operand, VarRef):
        if not e.operand.symbol.weak:
            _always_true(cx, "", e.operand)
    e = rvalue(cx, e)
    real = strip(e.type)
    if isinstance(e, Binary) and e.op == "<<":
        cx.warning(
            "int-in-bool-context",
            "converting the result of '<<' to a boolean; did you mean '(...) != 0'?",
            e.span,
        )
    if real is ERROR or integer_of(real) is not None or isinstance(real, PointerType):
        return e
    if isinstance(real, FloatType):
        if isinstance(e, FloatConst):
            return IntConst(BOOL, int(e.value != 0), e.span)
        return no_float(cx, e.span)
    return cx.wrong(
        "c-not-scalar",
        f"statement requires expression of scalar type ({quoted(e.type)} invalid)",
        e.span,
    )


def _is_flexible_null(e: Expr) -> bool:
    """Members of something behind a pointer may stand at address zero in offsetof idioms."""
    while isinstance(e, Member):
        e = e.base
    return isinstance(e, Deref)


def _always_true(cx: Context, what: str, e: Expr) -> None:
    name = e.symbol.name if isinstance(e, (VarRef, FuncRef)) else ""
    if isinstance(e, VarRef) and e.symbol.weak:
        return
    if isinstance(e, Member):
        name = e.field.name
    cx.warning(
        "pointer-bool-conversion",
        f"address of {what + ' ' if what else ''}'{name}' will always evaluate to 'true'",
        e.span,
    )


def cast(cx: Context, e: Expr, target: CType, span: Span | None) -> Expr:
    """Check an explicit cast (6.5.4) and convert."""
    if isinstance(strip(target), VoidType):
        if e.lvalue and not isinstance(e, ErrorExpr):
            # The value is not used; a volatile object is read all the same.
            e = rvalue(cx, e) if qualifiers(e.type) & VOLATILE else e
        return Cast("void", e, VOID, span, implicit=False)
    e = rvalue(cx, e)
    real, source = strip(target), strip(e.type)
    if real is ERROR or source is ERROR:
        return ErrorExpr(span)
    goal = unqualified(target)
    scalar_source = integer_of(source) is not None or isinstance(source, (PointerType, FloatType))
    if not (integer_of(real) is not None or isinstance(real, (PointerType, FloatType))):
        return _cast_to_aggregate(cx, e, target, span)
    if not scalar_source:
        return cx.wrong(
            "c-invalid-cast",
            f"operand of type {quoted(e.type)} where arithmetic or pointer type is required",
            span,
        )
    if isinstance(real, FloatType) or isinstance(source, FloatType):
        if isinstance(real, PointerType) or isinstance(source, PointerType):
            return cx.wrong(
                "c-invalid-cast",
                f"pointer cannot be cast to type {quoted(target)}"
                if isinstance(source, PointerType)
                else f"operand of type {quoted(e.type)} cannot be cast to a pointer type",
                span,
            )
        if isinstance(e, (IntConst, FloatConst)) or source is real:
            return convert(e, goal, implicit=False, span=span)
        return no_float(cx, span)
    _check_pointer_cast(cx, e, source, real, target, span)
    note_lookup(cx, e, target)
    return convert(e, goal, implicit=False, span=span)


def _check_pointer_cast(
    cx: Context, e: Expr, source: CType, real: CType, target: CType, span: Span | None
) -> None:
    """Warn about pointers squeezed into small integers and back."""
    if isinstance(e, IntConst):
        return
    if isinstance(real, PointerType):
        integer = integer_of(source)
        if integer is not None and integer.size < 8:
            void = isinstance(strip(real.to), VoidType)
            cx.warning(
                "int-to-void-pointer-cast" if void else "int-to-pointer-cast",
                f"cast to {quoted(target)} from smaller integer type {quoted(e.type)}",
                span,
            )
    elif isinstance(source, PointerType):
        integer = integer_of(real)
        if integer is not None and integer is not BOOL and integer.size < 8:
            void = isinstance(strip(source.to), VoidType)
            cx.warning(
                "void-pointer-to-int-cast" if void else "pointer-to-int-cast",
                f"cast to smaller integer type {quoted(target)} from {quoted(e.type)}",
                span,
            )


def _cast_to_aggregate(cx: Context, e: Expr, target: CType, span: Span | None) -> Expr:
    real = strip(target)
    if isinstance(real, RecordType) and strip(e.type) is real:
        return e  # GNU C: a cast to the type it has
    if isinstance(real, RecordType) and real.kind == "union" and is_complete(real):
        member = _union_member(real, e.type)
        if member is not None:
            found: Expr = cx.hooks.union_cast(cx, e, target, member, span)
            return found
    return cx.wrong(
        "c-invalid-cast",
        f"used type {quoted(target)} where arithmetic or pointer type is required",
        span,
    )


def _union_member(union: RecordType, source: CType) -> object:
    for field in union.fields or ():
        if field.name and compatible(field.type, source, ignore_qualifiers=True):
            return field
    return None
