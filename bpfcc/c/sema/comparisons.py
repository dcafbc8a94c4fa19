"""What is suspicious about comparisons: signs, ranges, enums, pointers, a value with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.relations import compatible
from ..ctype.types import (
    BOOL,
    CType,
    EnumType,
    PointerType,
    VoidType,
    strip,
)
from ..tast.nodes import Cast, Expr, IntConst, Member, VarRef
from .conversions import bit_field_width, convert, is_null
from .symbols import ERROR

if TYPE_CHECKING:
    from ...support.source import Span
    from .context import Context


def check_comparison(
    cx: Context,
    op: str,
    first: Expr,
    second: Expr,
    left: Expr,
    right: Expr,
    span: Span | None,
) -> None:
    """Warn about integer comparisons; ``first`` and ``second`` are before conversion."""
    if cx.unevaluated:
        return
    a, b = strip(first.type), strip(second.type)
    if isinstance(a, EnumType) and isinstance(b, EnumType) and a is not b and a.tag and b.tag:
        cx.warning(
            "enum-compare",
            f"comparison of different enumeration types ({quoted(first.type)} and "
            f"{quoted(second.type)})",
            span,
        )
    if isinstance(first, IntConst) and isinstance(second, IntConst):
        return
    if _same_variable(first, second):
        truth = op in ("==", "<=", ">=")
        cx.warning(
            "tautological-compare",
            f"self-comparison always evaluates to {'true' if truth else 'false'}",
            span,
        )
        return
    if isinstance(second, IntConst):
        if _constant_range(cx, op, first, second, span):
            return
    elif isinstance(first, IntConst):
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op)
        if _constant_range(cx, mirrored, second, first, span):
            return
    _sign_compare(cx, first, second, left, span)


def _same_variable(a: Expr, b: Expr) -> bool:
    while isinstance(a, Cast) and isinstance(b, Cast) and a.kind == b.kind == "load":
        a, b = a.operand, b.operand
    if isinstance(a, VarRef) and isinstance(b, VarRef):
        return a.symbol is b.symbol and a.span is not None and a.span.expansion is None
    return False


def _range(e: Expr) -> tuple[int, int] | None:
    """The values that ``e`` may have by its type (before promotion) or its bit-field."""
    integer = integer_of(e.type)
    if integer is None:
        return None
    if integer is BOOL:
        return 0, 1
    bits = integer.size * 8
    width = bit_field_width(e)
    if width is not None:
        bits = width
    if integer.signed:
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1


def _constant_range(cx: Context, op: str, e: Expr, constant: IntConst, span: Span | None) -> bool:
    """Warn when ``e op constant`` is decided by the type of ``e``; return whether it was."""
    bounds = _range(e)
    integer = integer_of(e.type)
    if bounds is None or integer is None or integer is BOOL:
        return False
    low, high = bounds
    value = constant.value
    if value < 0 and low == 0 and integer.size >= 4:
        return False  # converted to unsigned: an idiom for the largest value
    decided = _decide(op, low, high, value)
    if decided is None:
        return False
    word = "true" if decided else "false"
    if value == 0 and low == 0 and op in ("<", ">="):
        cx.warning(
            "tautological-unsigned-zero-compare",
            f"result of comparison of unsigned expression {op} 0 is always {word}",
            span,
        )
        return True
    if low <= value <= high:
        cx.warning(
            "tautological-type-limit-compare",
            f"result of comparison {quoted(e.type)} {op} {value} is always {word}",
            span,
        )
        return True
    if isinstance(strip(e.type), EnumType):
        return False
    shown = quoted(e.type)
    width = bit_field_width(e)
    if width is not None:
        cx.warning(
            "tautological-constant-out-of-range-compare",
            f"result of comparison of {width}-bit "
            f"{'signed' if integer.signed else 'unsigned'} value {op} {value} is always {word}",
            span,
        )
    else:
        cx.warning(
            "tautological-constant-out-of-range-compare",
            f"result of comparison of constant {value} with expression of type {shown} is "
            f"always {word}",
            span,
        )
    return True


def _decide(op: str, low: int, high: int, value: int) -> bool | None:
    if op in ("==", "!="):
        return None if low <= value <= high else op == "!="
    if op == "<":
        return True if high < value else False if low >= value else None
    if op == ">=":
        return False if high < value else True if low >= value else None
    if op == ">":
        return True if low > value else False if high <= value else None
    return False if low > value else True if high <= value else None


def _sign_compare(cx: Context, first: Expr, second: Expr, left: Expr, span: Span | None) -> None:
    common = integer_of(left.type)
    a, b = integer_of(first.type), integer_of(second.type)
    if common is None or a is None or b is None or common.signed:
        return
    for signed, other in ((first, second), (second, first)):
        integer = integer_of(signed.type)
        unsigned = integer_of(other.type)
        if integer is None or not integer.signed or unsigned is None or unsigned.signed:
            continue
        if isinstance(signed, IntConst):
            continue
        bounds = _range(signed)
        if bounds is not None and bounds[0] >= 0:
            continue
        cx.warning(
            "sign-compare",
            f"comparison of integers of different signs: {quoted(first.type)} and "
            f"{quoted(second.type)}",
            span,
        )
        return


# --------------------------------------------------------------------------- pointers
def check_pointer_comparison(
    cx: Context, op: str, left: Expr, right: Expr, a: CType, b: CType, span: Span | None
) -> tuple[Expr, Expr] | None:
    """Return the operands of a pointer comparison, converted; None if it is not allowed."""
    if isinstance(a, PointerType) and isinstance(b, PointerType):
        if is_null(left) or is_null(right):
            pass
        elif a.address_space != b.address_space:
            cx.error(
                "c-address-space",
                f"comparison between ({quoted(left.type)} and {quoted(right.type)}) which are "
                "pointers to non-overlapping address spaces",
                span,
            )
        elif not _comparable(a.to, b.to):
            cx.warning(
                "compare-distinct-pointer-types",
                f"comparison of distinct pointer types ({quoted(left.type)} and "
                f"{quoted(right.type)})",
                span,
            )
        if strip(right.type) is not a:
            right = convert(right, left.type)
        return left, right
    pointer, other = (left, right) if isinstance(a, PointerType) else (right, left)
    if integer_of(other.type) is None:
        return None
    if not (is_null(other) or other.type is ERROR):
        cx.warning(
            "pointer-integer-compare",
            f"comparison between pointer and integer ({quoted(left.type)} and "
            f"{quoted(right.type)})",
            span,
        )
    elif op not in ("==", "!=") and isinstance(other, IntConst):
        cx.warning(
            "pointer-integer-ordered-compare",
            f"ordered comparison between pointer and zero ({quoted(left.type)} and "
            f"{quoted(right.type)})",
            span,
        )
    converted = convert(other, pointer.type)
    return (pointer, converted) if pointer is left else (converted, pointer)


def _comparable(x: CType, y: CType) -> bool:
    if compatible(x, y, ignore_qualifiers=True):
        return True
    u, v = strip(x), strip(y)
    if isinstance(u, VoidType) or isinstance(v, VoidType):
        return True
    return False


def member_name(e: Expr) -> str:
    """Return how to call ``e`` in a message: a variable's or member's name, or ""."""
    while isinstance(e, Cast):
        e = e.operand
    if isinstance(e, VarRef):
        return e.symbol.name
    return e.field.name if isinstance(e, Member) else ""
