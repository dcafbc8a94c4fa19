"""What is suspicious about comparisons: signs, ranges, enums, pointers, a value with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of, wrap
from ..ctype.relations import compatible
from ..ctype.types import (
    BOOL,
    CType,
    EnumType,
    PointerType,
    VoidType,
    strip,
)
from ..tast.nodes import (
    AddressOf,
    Binary,
    Cast,
    Comma,
    Conditional,
    Expr,
    FuncRef,
    IntConst,
    Unary,
    VarRef,
)
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
        if _constant_range(cx, op, first, second, left, span):
            return
    elif isinstance(first, IntConst):
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op)
        if _constant_range(cx, mirrored, second, first, left, span):
            return
    _sign_compare(cx, op, first, second, left, span)


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


def _endless(cx: Context, e: Expr, span: Span | None) -> None:
    """Warn about a loop that asks whether an unsigned value is not negative."""
    name = e.span.text() if e.span is not None else "it"
    text = span.text() if span is not None else "the condition"
    cx.warning(
        "bpf-loop",
        f"'{text}' is always true for an unsigned {name}: the loop never ends",
        span,
        fixits=[FixIt(f"use a signed {name}, or count down by:  for ({name} = N; {name}-- > 0; )")],
    )


def _constant_range(
    cx: Context, op: str, e: Expr, constant: IntConst, common: Expr, span: Span | None
) -> bool:
    """Warn when ``e op constant`` is decided by the type of ``e``; return whether it was."""
    bounds = _range(e)
    integer = integer_of(e.type)
    target = integer_of(common.type)
    if bounds is None or integer is None or integer is BOOL or target is None:
        return False
    low, high = bounds
    if low < 0 and not target.signed:
        return False  # negative values count as large ones
    value = wrap(constant.value, target)
    decided = _decide(op, low, high, value)
    if decided is None:
        return False
    word = "true" if decided else "false"
    if cx.loop_head and decided and low == 0 and op in (">", ">="):
        _endless(cx, e, span)
        return True
    if value == 0 and low == 0 and op in ("<", ">="):
        enum = isinstance(strip(e.type), EnumType)
        cx.warning(
            "tautological-unsigned-enum-zero-compare"
            if enum
            else "tautological-unsigned-zero-compare",
            f"result of comparison of unsigned {'enum ' if enum else ''}expression {op} 0 is "
            f"always {word}",
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


def _sign_compare(
    cx: Context, op: str, first: Expr, second: Expr, left: Expr, span: Span | None
) -> None:
    """Warn when a negative value would be compared as a large one (-Wsign-compare)."""
    common = integer_of(left.type)
    if common is None or common.signed:
        return
    for signed, other in ((first, second), (second, first)):
        a, b = integer_of(signed.type), integer_of(other.type)
        if a is None or not a.signed or b is None or b.signed:
            continue
        if value_range(signed)[1]:
            continue
        if op in ("==", "!=") and value_range(other)[0] < common.size * 8:
            continue  # no negative value, extended, equals such a small one
        cx.warning(
            "sign-compare",
            f"comparison of integers of different signs: {quoted(first.type)} and "
            f"{quoted(second.type)}",
            span,
        )
        return


def value_range(e: Expr) -> tuple[int, bool]:
    """Return (bits needed, never negative) for the values of ``e``, from its own operators."""
    integer = integer_of(e.type)
    if integer is None:
        return 64, False
    bits = 1 if integer is BOOL else integer.size * 8
    if isinstance(e, IntConst):
        value = e.value
        return (value.bit_length(), True) if value >= 0 else ((~value).bit_length() + 1, False)
    found: tuple[int, bool] | None = None
    if isinstance(e, Cast):
        width = bit_field_width(e)
        if width is not None:
            return width, not integer.signed
        if e.kind in ("int", "same"):
            found = value_range(e.operand)
    elif isinstance(e, Binary):
        found = _binary_range(e)
    elif isinstance(e, Comma):
        found = value_range(e.right)
    elif isinstance(e, Conditional) and e.then is not None:
        a, b = value_range(e.then), value_range(e.otherwise)
        found = max(a[0], b[0]), a[1] and b[1]
    elif isinstance(e, Unary) and e.op == "!":
        return 1, True
    if found is None or found[0] >= bits:
        return bits, not integer.signed
    return found[0], found[1] or not integer.signed


def _binary_range(e: Binary) -> tuple[int, bool] | None:
    if e.op in ("==", "!=", "<", ">", "<=", ">=", "&&", "||"):
        return 1, True
    (a, a_ok), (b, b_ok) = value_range(e.left), value_range(e.right)
    if e.op == "&":
        if a_ok and b_ok:
            return min(a, b), True
        return (a, True) if a_ok else (b, True) if b_ok else (max(a, b), False)
    if e.op in ("|", "^"):
        return max(a, b), a_ok and b_ok
    if e.op == ">>" and isinstance(e.right, IntConst):
        return max(a - e.right.value, 0 if a_ok else 1), a_ok
    if e.op == "%":
        return (min(a, b), a_ok) if a_ok and b_ok else None
    if e.op == "/" and isinstance(e.right, IntConst) and e.right.value > 0:
        return max(a - e.right.value.bit_length() + 1, 0), a_ok
    if e.op == "+":
        return max(a, b) + 1, a_ok and b_ok
    if e.op == "*":
        return a + b, a_ok and b_ok
    return None


# --------------------------------------------------------------------------- pointers
def check_pointer_comparison(
    cx: Context, op: str, left: Expr, right: Expr, a: CType, b: CType, span: Span | None
) -> tuple[Expr, Expr] | None:
    """Return the operands of a pointer comparison, converted; None if it is not allowed."""
    if isinstance(a, PointerType) and isinstance(b, PointerType):
        if is_null(left) or is_null(right):
            _null_compare(cx, op, right if is_null(left) else left, span)
        elif a.address_space != b.address_space:
            cx.error(
                "c-address-space",
                f"comparison between ({quoted(left.type)} and {quoted(right.type)}) which are "
                "pointers to non-overlapping address spaces",
                span,
            )
        elif not _comparable(op, a.to, b.to):
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
    elif op in ("==", "!="):
        _null_compare(cx, op, pointer, span)
    elif isinstance(other, IntConst):
        cx.warning(
            "pointer-integer-ordered-compare",
            f"ordered comparison between pointer and zero ({quoted(left.type)} and "
            f"{quoted(right.type)})",
            span,
        )
    converted = convert(other, pointer.type)
    return (pointer, converted) if pointer is left else (converted, pointer)


def _null_compare(cx: Context, op: str, e: Expr, span: Span | None) -> None:
    """Warn about comparing the address of an object with NULL (-Wtautological-pointer-compare)."""
    if op not in ("==", "!="):
        return
    while isinstance(e, Cast) and e.kind in ("pointer", "same"):
        e = e.operand
    if isinstance(e, Cast) and e.kind in ("decay", "func"):
        what = "array" if e.kind == "decay" else "function"
        target = e.operand
    elif isinstance(e, AddressOf):
        what, target = "address of", e.operand
    else:
        return
    if not isinstance(target, (VarRef, FuncRef)) or target.symbol.weak:
        return
    how = "equal" if op == "==" else "not equal"
    cx.warning(
        "tautological-pointer-compare",
        f"comparison of {what} '{target.symbol.name}' {how} to a null pointer is always "
        f"{'false' if op == '==' else 'true'}",
        span,
    )


def _comparable(op: str, x: CType, y: CType) -> bool:
    """``void *`` may be compared for equality with any pointer, not for order (6.5.8p2)."""
    if compatible(x, y, ignore_qualifiers=True):
        return True
    void = isinstance(strip(x), VoidType) or isinstance(strip(y), VoidType)
    return void and op in ("==", "!=")
