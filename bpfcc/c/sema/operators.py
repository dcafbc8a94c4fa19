"""Binary and conditional operators (C17 6.5.5 to 6.5.15), with their warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..ctype.printing import quoted
from ..ctype.promotion import common_float, integer_of, wrap
from ..ctype.relations import (
    compatible,
    composite,
    pointer_to,
    qualify,
    split,
    unqualified,
)
from ..ctype.types import (
    BOOL,
    INT,
    LONG,
    VOID,
    ArrayType,
    CType,
    EnumType,
    FloatType,
    FuncType,
    IntType,
    PointerType,
    RecordType,
    VoidType,
    strip,
)
from ..syntax import nodes as n
from ..tast.evaluate import binary as fold
from ..tast.evaluate import evaluate
from ..tast.nodes import (
    Binary,
    Cast,
    Conditional,
    Expr,
    FloatConst,
    IntConst,
    PtrAdd,
    PtrDiff,
    StringLit,
)
from .casts import condition
from .comparisons import check_comparison, check_pointer_comparison
from .context import at_of, span_of
from .conversions import convert, is_null, no_float, promoted, rvalue, usual
from .expressions import pointee_size, widen_index
from .parentheses import check_precedence
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context

_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")


# --------------------------------------------------------------------------- binary
def binary(cx: Context, node: Any) -> Expr:
    """A binary expression; chains like ``a + b + c ...`` are walked without recursion."""
    spine = []
    while node.__class__ is n.BinaryOp:
        spine.append(node)
        node = node.left
    left = cx.expr(node)
    for part in reversed(spine):
        check_precedence(cx, part)
        op = part.op
        if op in ("&&", "||"):
            left = _logical(cx, part, left)
        else:
            left = combine(cx, op, left, cx.expr(part.right), span_of(part), at_of(part))
    return left


def combine(
    cx: Context, op: str, left: Expr, right: Expr, span: Span | None, at: Span | None
) -> Expr:
    """Build ``left op right`` (not && and ||)."""
    literal = isinstance(left, StringLit) or isinstance(right, StringLit)
    left, right = rvalue(cx, left), rvalue(cx, right)
    if left.type is ERROR or right.type is ERROR:
        return ErrorExpr(span)
    a, b = strip(left.type), strip(right.type)
    if op in _COMPARISONS:
        if literal and not is_null(left) and not is_null(right):
            cx.warning(
                "string-compare",
                "result of comparison against a string literal is unspecified (use an explicit "
                "string comparison function instead)",
                span,
            )
        return _comparison(cx, op, left, right, a, b, span, at)
    if isinstance(a, PointerType) or isinstance(b, PointerType):
        return _pointer_arithmetic(cx, op, left, right, a, b, span, at)
    if common_float(a, b) is not None:
        return _float(cx, op, left, right, span)
    if integer_of(a) is None or integer_of(b) is None:
        return invalid_operands(cx, left, right, span)
    if op in ("<<", ">>"):
        return _shift(cx, op, left, right, span)
    left, right, t = usual(cx, left, right)
    return arithmetic(cx, op, left, right, t, span, at)


def arithmetic(
    cx: Context, op: str, left: Expr, right: Expr, t: CType, span: Span | None, at: Span | None
) -> Expr:
    """Build an integer operation on operands that have been converted to ``t``."""
    if op in ("/", "%") and isinstance(right, IntConst) and right.value == 0:
        cx.runtime_warning(
            "division-by-zero",
            f"{'division' if op == '/' else 'remainder'} by zero is undefined",
            at or span,
        )
    elif isinstance(left, IntConst) and isinstance(right, IntConst):
        integer = integer_of(t)
        assert integer is not None
        exact = fold(op, left.value, right.value, integer.size * 8)
        if exact is not None:
            value = wrap(exact, integer)
            if value != exact and integer.signed:
                cx.warning(
                    "integer-overflow",
                    f"overflow in expression; result is {value} with type {quoted(t)}",
                    span,
                )
            return IntConst(t, value, span)
    found = Binary(op, left, right, t, span)
    found.op_span = at
    return found


def invalid_operands(cx: Context, left: Expr, right: Expr, span: Span | None) -> Expr:
    """Report operands that no rule allows."""
    return cx.wrong(
        "c-operands",
        f"invalid operands to binary expression ({quoted(left.type)} and {quoted(right.type)})",
        span,
    )


def _float(cx: Context, op: str, left: Expr, right: Expr, span: Span | None) -> Expr:
    a, b = strip(left.type), strip(right.type)
    scalar = all(integer_of(t) is not None or isinstance(t, FloatType) for t in (a, b))
    if not scalar or op not in ("+", "-", "*", "/"):
        return invalid_operands(cx, left, right, span)
    t = common_float(a, b)
    if t is not None and all(isinstance(e, (IntConst, FloatConst)) for e in (left, right)):
        whole = Binary(op, convert(left, t), convert(right, t), t, span)
        value = evaluate(whole)
        if isinstance(value, (int, float)):
            return FloatConst(t, float(value), span)
    return no_float(cx, span)


def _shift(cx: Context, op: str, left: Expr, right: Expr, span: Span | None) -> Expr:
    """``<<`` and ``>>`` (6.5.7): the type is that of the promoted left operand."""
    left, right = promoted(cx, left), promoted(cx, right)
    integer = integer_of(left.type)
    assert integer is not None
    bits = integer.size * 8
    if isinstance(right, IntConst):
        if right.value < 0:
            shift_warning(cx, "shift-count-negative", "shift count is negative", right)
        elif right.value >= bits:
            shift_warning(cx, "shift-count-overflow", "shift count >= width of type", right)
        elif isinstance(left, IntConst):
            exact = fold(op, left.value, right.value, bits)
            assert exact is not None
            value = wrap(exact, integer)
            if op == "<<" and integer.signed:
                _check_left_shift(cx, left, exact, bits, span)
            return IntConst(left.type, value, span)
    return Binary(op, left, convert(right, left.type), left.type, span)


def shift_warning(cx: Context, group: str, message: str, e: Expr) -> None:
    """Warn about a shift count, unless the shift is never done."""
    cx.runtime_warning(group, message, e.span)


def _check_left_shift(
    cx: Context, left: IntConst, exact: int, bits: int, span: Span | None
) -> None:
    if left.value < 0:
        cx.warning(
            "shift-negative-value", "shifting a negative signed value is undefined", left.span
        )
        return
    need = exact.bit_length() + 1
    if need > bits + 1:
        cx.warning(
            "shift-overflow",
            f"signed shift result ({exact:#X}) requires {need} bits to represent, but "
            f"{quoted(left.type)} only has {bits} bits",
            span,
        )


# --------------------------------------------------------------------------- pointers
def _pointer_arithmetic(
    cx: Context,
    op: str,
    left: Expr,
    right: Expr,
    a: CType,
    b: CType,
    span: Span | None,
    at: Span | None,
) -> Expr:
    if op == "+" and isinstance(b, PointerType) and not isinstance(a, PointerType):
        left, right, a, b = right, left, b, a
    if op in ("+", "-") and isinstance(a, PointerType):
        if integer_of(b) is not None:
            return pointer_add(cx, left, right, span, subtract=op == "-")
        if op == "-" and isinstance(b, PointerType):
            return _pointer_difference(cx, left, right, a, b, span)
    return invalid_operands(cx, left, right, span)


def pointer_add(
    cx: Context, pointer: Expr, index: Expr, span: Span | None, *, subtract: bool = False
) -> Expr:
    """Build ``pointer + index`` or ``pointer - index``."""
    real = strip(pointer.type)
    assert isinstance(real, PointerType)
    scale = pointee_size(cx, real, span)
    if scale is None:
        return ErrorExpr(span)
    t = unqualified(pointer.type)
    added = PtrAdd(pointer, widen_index(index), scale, t, span, subtract=subtract)
    if isinstance(pointer, IntConst) and isinstance(index, IntConst):
        value = evaluate(added)
        if isinstance(value, int):
            return IntConst(t, value, span)
    return added


def _pointer_difference(
    cx: Context, left: Expr, right: Expr, a: PointerType, b: PointerType, span: Span | None
) -> Expr:
    if not compatible(a.to, b.to, ignore_qualifiers=True):
        return cx.wrong(
            "c-operands",
            f"{quoted(left.type)} and {quoted(right.type)} are not pointers to compatible types",
            span,
        )
    scale = pointee_size(cx, a, span)
    if scale is None:
        return ErrorExpr(span)
    if scale == 0:
        return cx.wrong(
            "c-operands",
            f"subtraction of pointers to type {quoted(a.to)} of zero size has undefined behavior",
            span,
        )
    difference = PtrDiff(left, right, scale, LONG, span)
    if isinstance(left, IntConst) and isinstance(right, IntConst):
        value = evaluate(difference)
        if isinstance(value, int):
            return IntConst(LONG, value, span)
    return difference


# --------------------------------------------------------------------------- comparisons
def _comparison(
    cx: Context,
    op: str,
    left: Expr,
    right: Expr,
    a: CType,
    b: CType,
    span: Span | None,
    at: Span | None,
) -> Expr:
    """Relational and equality operators (6.5.8, 6.5.9); the result is an int."""
    if isinstance(a, PointerType) or isinstance(b, PointerType):
        pair = check_pointer_comparison(cx, op, left, right, a, b, span)
        if pair is None:
            return invalid_operands(cx, left, right, span)
        left, right = pair
    elif common_float(a, b) is not None:
        if all(isinstance(e, (IntConst, FloatConst)) for e in (left, right)):
            value = evaluate(Binary(op, left, right, INT, span))
            if isinstance(value, int):
                return IntConst(INT, value, span)
        return no_float(cx, span)
    elif integer_of(a) is None or integer_of(b) is None:
        return invalid_operands(cx, left, right, span)
    else:
        first, second = left, right
        left, right, _ = usual(cx, left, right)
        check_comparison(cx, op, first, second, left, right, span)
    if isinstance(left, IntConst) and isinstance(right, IntConst):
        value = fold(op, left.value, right.value, 64)
        assert value is not None
        return IntConst(INT, value, span)
    found = Binary(op, left, right, INT, span)
    found.op_span = at
    return found


def _logical(cx: Context, node: Any, left: Expr) -> Expr:
    """``&&`` and ``||`` (6.5.13, 6.5.14), folded where the left side decides."""
    op, span = node.op, span_of(node)
    if not _scalar(left):
        return invalid_operands(cx, rvalue(cx, left), rvalue(cx, cx.expr(node.right)), span)
    left = condition(cx, left)
    decided = isinstance(left, IntConst) and bool(left.value) == (op == "||")
    cx.dead += decided
    right = cx.expr(node.right)
    cx.dead -= decided
    if left.type is ERROR or right.type is ERROR:
        return ErrorExpr(span)
    if not _scalar(right):
        return invalid_operands(cx, left, rvalue(cx, right), span)
    if isinstance(right, IntConst) and right.value not in (0, 1) and not isinstance(left, IntConst):
        _constant_operand(cx, op, right, node)
    right = condition(cx, right)
    if right.type is ERROR:
        return ErrorExpr(span)
    if isinstance(left, IntConst):
        if bool(left.value) == (op == "||"):
            return IntConst(INT, int(op == "||"), span)
        if isinstance(right, IntConst):
            return IntConst(INT, int(bool(right.value)), span)
    found = Binary(op, left, right, INT, span)
    found.op_span = at_of(node)
    return found


def _constant_operand(cx: Context, op: str, right: IntConst, node: Any) -> None:
    if not isinstance(strip(right.type), IntType) or strip(right.type) is BOOL:
        return
    if right.span is None or right.span.expansion is not None:
        return
    cx.warning(
        "constant-logical-operand",
        f"use of logical '{op}' with constant operand",
        at_of(node),
        fixits=[FixIt(op[0], at_of(node))],
    )


def _scalar(e: Expr) -> bool:
    real = strip(e.type)
    return (
        real is ERROR
        or integer_of(real) is not None
        or isinstance(real, (PointerType, ArrayType, FuncType, FloatType))
    )


# --------------------------------------------------------------------------- conditional
def ternary(cx: Context, node: Any) -> Expr:
    """``c ? a : b`` and ``c ?: b`` (6.5.15)."""
    span = span_of(node)
    first = cx.expr(node.cond)
    cond = condition(cx, first)
    if node.iftrue is None:
        then, short = rvalue(cx, first), True
        if isinstance(cond, IntConst):
            short = False
    else:
        never = isinstance(cond, IntConst) and not cond.value
        cx.dead += never
        then, short = cx.expr(node.iftrue), False
        cx.dead -= never
    never = isinstance(cond, IntConst) and bool(cond.value)
    cx.dead += never
    otherwise = cx.expr(node.iffalse)
    cx.dead -= never
    if any(e.type is ERROR for e in (cond, then, otherwise)):
        return ErrorExpr(span)
    then, otherwise = rvalue(cx, then), rvalue(cx, otherwise)
    unified = unify(cx, then, otherwise, span)
    if unified is None:
        return ErrorExpr(span)
    then, otherwise, t = unified
    if isinstance(cond, IntConst):
        chosen = then if cond.value else otherwise
        if isinstance(chosen, IntConst):
            return IntConst(t, chosen.value, span)
        return chosen
    if short:
        # Evaluated once: converting to the common type never changes whether it is zero.
        return Conditional(then, None, otherwise, t, span)
    return Conditional(cond, then, otherwise, t, span)


def unify(
    cx: Context, then: Expr, otherwise: Expr, span: Span | None
) -> tuple[Expr, Expr, CType] | None:
    """Bring the two arms of a conditional to one type (6.5.15p5, p6); None after an error."""
    a, b = strip(then.type), strip(otherwise.type)
    floats = common_float(a, b)
    if floats is not None and is_arithmetic(a) and is_arithmetic(b):
        if isinstance(then, (IntConst, FloatConst)) and isinstance(
            otherwise, (IntConst, FloatConst)
        ):
            return convert(then, floats), convert(otherwise, floats), floats
        if a is b:
            return then, otherwise, then.type
        no_float(cx, span)
        return None
    if integer_of(a) is not None and integer_of(b) is not None:
        if isinstance(a, EnumType) and a is b:
            return then, otherwise, then.type
        return usual(cx, then, otherwise)
    if isinstance(a, VoidType) or isinstance(b, VoidType):
        return _as_void(then), _as_void(otherwise), VOID
    if isinstance(a, RecordType) and a is b:
        return then, otherwise, then.type
    if isinstance(a, PointerType) or isinstance(b, PointerType):
        return _unify_pointers(cx, then, otherwise, a, b, span)
    cx.error(
        "c-operands",
        f"incompatible operand types ({quoted(then.type)} and {quoted(otherwise.type)})",
        span,
    )
    return None


def is_arithmetic(t: CType) -> bool:
    """Return whether ``t`` is an integer, enum or floating type."""
    return integer_of(t) is not None or isinstance(t, FloatType)


def _as_void(e: Expr) -> Expr:
    return e if isinstance(strip(e.type), VoidType) else Cast("void", e, VOID, e.span)


def _unify_pointers(
    cx: Context, then: Expr, otherwise: Expr, a: CType, b: CType, span: Span | None
) -> tuple[Expr, Expr, CType] | None:
    if is_null(otherwise) and isinstance(a, PointerType):
        return then, convert(otherwise, then.type), then.type
    if is_null(then) and isinstance(b, PointerType):
        return convert(then, otherwise.type), otherwise, otherwise.type
    if not isinstance(a, PointerType) or not isinstance(b, PointerType):
        pointer, integer = (then, otherwise) if isinstance(a, PointerType) else (otherwise, then)
        if integer_of(integer.type) is None:
            cx.error(
                "c-operands",
                f"incompatible operand types ({quoted(then.type)} and {quoted(otherwise.type)})",
                span,
            )
            return None
        cx.warning(
            "conditional-type-mismatch",
            "pointer/integer type mismatch in conditional expression "
            f"({quoted(then.type)} and {quoted(otherwise.type)})",
            span,
        )
        t = pointer.type
        return convert(then, t), convert(otherwise, t), t
    (x, x_quals), (y, y_quals) = split(a.to), split(b.to)
    both = x_quals | y_quals
    if isinstance(x, VoidType) or isinstance(y, VoidType):
        t = pointer_to(qualify(VOID, both))
    elif compatible(x, y, ignore_qualifiers=True):
        merged = composite(a.to, b.to)
        t = PointerType(qualify(merged, both), a.address_space)
    else:
        cx.warning(
            "pointer-type-mismatch",
            f"pointer type mismatch ({quoted(then.type)} and {quoted(otherwise.type)})",
            span,
        )
        t = pointer_to(qualify(VOID, both))
    if compatible(t, then.type):
        t = then.type
    return convert(then, t), convert(otherwise, t), t


RULES = {
    n.BinaryOp: binary,
    n.TernaryOp: ternary,
}
