"""Assignment, plain and compound (C17 6.5.16): what may be assigned to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import Note
from ..ctype.layout import is_complete
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.relations import (
    CONST,
    qualifiers,
    unqualified,
)
from ..ctype.types import (
    ArrayType,
    FloatType,
    FuncType,
    PointerType,
    RecordType,
    VoidType,
    strip,
)
from ..syntax import nodes as n
from ..tast.nodes import (
    Assign,
    CompoundAssign,
    Expr,
    IntConst,
    Member,
    VarRef,
)
from .atomic_objects import is_atomic, update
from .context import at_of, span_of
from .conversions import assign, bit_field_width, convert, no_float, promoted, rvalue, usual
from .expressions import pointee_size, widen_index
from .implicit import Target
from .operators import invalid_operands, is_arithmetic, shift_warning
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context


# --------------------------------------------------------------------------- assignment
def assignment(cx: Context, node: Any) -> Expr:
    """``=`` and ``op=`` (6.5.16)."""
    target = cx.expr(node.lvalue)
    span, op = span_of(node), node.op
    cx.modifications += 1
    value = cx.expr(node.rvalue)
    if target.type is ERROR or value.type is ERROR:
        return ErrorExpr(span)
    if not modifiable(cx, target, span):
        return ErrorExpr(span)
    if op != "=":
        return _compound(cx, op[:-1], target, value, span, at_of(node))
    t = unqualified(target.type)
    _check_self(cx, target, value, span)
    width = bit_field_width(target)
    converted = assign(cx, value, Target("assigning", target.type, bits=width))
    if converted.type is ERROR:
        return ErrorExpr(span)
    return Assign(target, converted, t, span)


def _check_self(cx: Context, target: Expr, value: Expr, span: Span | None) -> None:
    if isinstance(target, VarRef) and isinstance(value, VarRef):
        if target.symbol is value.symbol and not qualifiers(target.type) & ~CONST:
            cx.warning(
                "self-assign",
                f"explicitly assigning value of variable of type {quoted(target.type)} to itself",
                span,
            )


def modifiable(cx: Context, e: Expr, span: Span | None) -> bool:
    """Check that ``e`` is a modifiable lvalue (6.3.2.1p1)."""
    if isinstance(e, ErrorExpr):
        return False
    real = strip(e.type)
    if isinstance(real, FuncType):
        cx.error("c-assignment", f"non-object type {quoted(e.type)} is not assignable", span)
        return False
    if not e.lvalue:
        cx.error("c-assignment", "expression is not assignable", span)
        return False
    if isinstance(real, ArrayType):
        cx.error("c-assignment", f"array type {quoted(e.type)} is not assignable", span)
        return False
    if isinstance(real, VoidType) or not is_complete(e.type):
        cx.error("c-assignment", f"incomplete type {quoted(e.type)} is not assignable", span)
        return False
    if qualifiers(e.type) & CONST:
        _const_target(cx, e, span)
        return False
    if isinstance(real, RecordType) and _has_const(real):
        cx.error(
            "c-const-assignment",
            f"cannot assign to {_what(e)} with nested const-qualified data member",
            span,
        )
        return False
    return True


def _has_const(record: RecordType) -> bool:
    for field in record.fields or ():
        if qualifiers(field.type) & CONST:
            return True
        real = strip(field.type)
        if isinstance(real, RecordType) and _has_const(real):
            return True
    return False


def _what(e: Expr) -> str:
    if isinstance(e, VarRef):
        return f"variable '{e.symbol.name}'"
    if isinstance(e, Member):
        return f"non-static data member '{e.field.name}'"
    return "value"


def _const_target(cx: Context, e: Expr, span: Span | None) -> None:
    if isinstance(e, (VarRef, Member)):
        notes: list[Note] = []
        if isinstance(e, VarRef):
            notes = [Note(f"variable '{e.symbol.name}' declared const here", e.symbol.span)]
        cx.error(
            "c-const-assignment",
            f"cannot assign to {_what(e)} with const-qualified type {quoted(e.type)}",
            span,
            notes=notes,
        )
    else:
        cx.error("c-const-assignment", "read-only variable is not assignable", span)


def _compound(
    cx: Context, op: str, target: Expr, value: Expr, span: Span | None, at: Span | None
) -> Expr:
    """``target op= value``: computed in the common type, then converted back."""
    t = unqualified(target.type)
    real = strip(t)
    value = rvalue(cx, value)
    if value.type is ERROR:
        return ErrorExpr(span)
    if isinstance(real, PointerType):
        if op not in ("+", "-") or integer_of(value.type) is None:
            return invalid_operands(cx, target, value, span)
        scale = pointee_size(cx, real, span)
        if scale is None:
            return ErrorExpr(span)
        if is_atomic(target.type):
            return update(cx, op, target, value, span, scale=scale)
        return CompoundAssign(op, target, widen_index(value), t, t, span, scale=scale)
    if isinstance(real, FloatType) or isinstance(strip(value.type), FloatType):
        if is_arithmetic(real) and is_arithmetic(strip(value.type)):
            return no_float(cx, span)
        return invalid_operands(cx, target, value, span)
    if integer_of(real) is None or integer_of(value.type) is None:
        return invalid_operands(cx, target, value, span)
    if is_atomic(target.type):
        return update(cx, op, target, value, span)
    current = rvalue(cx, target)
    if op in ("<<", ">>"):
        computed = promoted(cx, current).type
        integer = integer_of(computed)
        assert integer is not None
        value = promoted(cx, value)
        if isinstance(value, IntConst):
            if value.value < 0:
                shift_warning(cx, "shift-count-negative", "shift count is negative", value)
            elif value.value >= integer.size * 8:
                shift_warning(cx, "shift-count-overflow", "shift count >= width of type", value)
        return CompoundAssign(op, target, convert(value, computed), computed, t, span)
    _, converted, computed = usual(cx, current, value)
    if op in ("/", "%") and isinstance(converted, IntConst) and converted.value == 0:
        cx.runtime_warning(
            "division-by-zero",
            f"{'division' if op == '/' else 'remainder'} by zero is undefined",
            at or span,
        )
    return CompoundAssign(op, target, converted, computed, t, span)


RULES = {n.Assignment: assignment}
