"""Conversions: lvalue to rvalue, decay, promotion, implicit conversion with its rules, casts.

Source: C17 6.3 (what a conversion does), 6.5.16.1 (what may be assigned to what), 6.5.4 (casts).
Constants are folded on the way, so that a constant expression is an ``IntConst`` when complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..ctype.printing import quoted
from ..ctype.promotion import common_float, common_integer, integer_of, promote, wrap
from ..ctype.relations import (
    address_space,
    compatible,
    pointer_to,
    qualifiers,
    qualify,
    split,
    unqualified,
)
from ..ctype.types import (
    BOOL,
    LONG,
    ULONG,
    VOID,
    ArrayType,
    CType,
    EnumType,
    FloatType,
    FuncType,
    IntType,
    PointerType,
    Qualified,
    RecordType,
    VoidType,
    strip,
)
from ..tast.nodes import (
    Assign,
    Call,
    Cast,
    CompoundAssign,
    Expr,
    FloatConst,
    IntConst,
    Member,
)
from .checks import check_map_result
from .implicit import Target, check_constant, check_pointers, notes_of
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from ...support.source import Span
    from .context import Context

MASK64 = 0xFFFFFFFFFFFFFFFF
FLOAT_ADVICE = "use fixed-point integers, e.g. sum * 1000 / n"


# --------------------------------------------------------------------------- value conversions
def rvalue(cx: Context, e: Expr) -> Expr:
    """Convert an lvalue to its value, an array to a pointer, a function to a pointer (6.3.2.1)."""
    real = strip(e.type)
    if isinstance(real, ArrayType):
        elem = qualify(real.elem, split(e.type)[1])
        space = address_space(e.type)
        if space and not address_space(elem):
            elem = Qualified(elem, space=space)
        pointer = PointerType(elem, space) if space else pointer_to(elem)
        return Cast("decay", e, pointer, e.span)
    if isinstance(real, FuncType):
        return Cast("func", e, PointerType(e.type), e.span)
    if not e.lvalue or real is ERROR:
        return e
    if isinstance(real, VoidType):
        return e
    return Cast("load", e, unqualified(e.type), e.span)


def bit_field_width(e: Expr) -> int | None:
    """Return the width when ``e`` is the value of a bit-field, else None."""
    while True:
        if isinstance(e, Member):
            return e.field.width
        if isinstance(e, Cast) and e.kind == "load":
            e = e.operand
        elif isinstance(e, (Assign, CompoundAssign)):
            e = e.target
        else:
            return None


def promoted(cx: Context, e: Expr) -> Expr:
    """Apply the integer promotions to rvalue ``e``; other types are returned as they are."""
    integer = integer_of(e.type)
    if integer is None:
        return e
    if integer.rank >= 3 and integer.rank < 6 and not isinstance(e, Cast):
        target = integer
    else:
        target = promote(integer, bit_field_width(e))
    if target is strip(e.type):
        return e
    return convert(e, target)


def usual(cx: Context, left: Expr, right: Expr) -> tuple[Expr, Expr, CType]:
    """Apply the usual arithmetic conversions to two arithmetic rvalues (6.3.1.8)."""
    floating = common_float(left.type, right.type)
    if floating is not None:
        return convert(left, floating), convert(right, floating), floating
    left, right = promoted(cx, left), promoted(cx, right)
    a, b = integer_of(left.type), integer_of(right.type)
    if a is None or b is None:
        return left, right, ERROR
    target: CType = common_integer(a, b)
    if a is b:
        # Both sides have the same type: keep the name that the author gave it.
        return left, right, left.type if isinstance(strip(left.type), IntType) else target
    return convert(left, target), convert(right, target), target


def convert(e: Expr, target: CType, *, implicit: bool = True, span: Span | None = None) -> Expr:
    """Convert scalar rvalue ``e`` to ``target`` without any check; constants are folded."""
    real = strip(target)
    place = span if span is not None else e.span
    integer = integer_of(real)
    if isinstance(e, IntConst):
        if integer is not None:
            return IntConst(target, wrap(e.value, integer), place)
        if isinstance(real, PointerType):
            return IntConst(target, e.value & MASK64, place)
        if isinstance(real, FloatType):
            return FloatConst(target, float(e.value), place)
    elif isinstance(e, FloatConst):
        if isinstance(real, FloatType):
            return FloatConst(target, e.value, place)
        if integer is not None:
            return IntConst(target, _truncate(e.value, integer), place)
    if integer is not None and integer is not BOOL and isinstance(e, Cast) and e.implicit:
        e = _without_promotion(e, integer)
    source = strip(e.type)
    if source is real:
        return e if implicit else Cast("same", e, target, place, implicit=False)
    return Cast(_kind(source, real, integer), _widened(e, real), target, place, implicit=implicit)


def _without_promotion(e: Cast, target: IntType) -> Expr:
    """Return what ``e`` widens, if going from there to ``target`` gives the same value."""
    middle, origin = integer_of(e.type), integer_of(e.operand.type)
    if e.kind != "int" or middle is None or origin is None or origin is BOOL:
        return e
    if bit_field_width(e.operand) is not None:
        return e  # its own bits decide, not its type's
    widens = origin.size < middle.size <= target.size
    return e.operand if widens and (middle.signed or not origin.signed) else e


def _truncate(value: float, integer: IntType) -> int:
    if integer is BOOL:
        return int(value != 0)
    try:
        return wrap(int(value), integer)
    except (OverflowError, ValueError):  # infinity, NaN: undefined in C
        return 0


def _kind(source: CType, target: CType, integer: IntType | None) -> str:
    if integer is BOOL:
        return "bool"
    if integer is not None:
        origin = integer_of(source)
        if origin is not None:
            same = origin.size == integer.size and origin.signed == integer.signed
            return "same" if same and origin.rank else "int"
        return "ptr2int"
    if isinstance(target, PointerType):
        if isinstance(source, PointerType):
            return "pointer" if source.address_space == target.address_space else "space"
        return "int2ptr"
    if isinstance(target, VoidType):
        return "void"
    return "same"


def _widened(e: Expr, target: CType) -> Expr:
    """An integer becomes a pointer by way of 64 bits, a pointer a small integer likewise."""
    source = strip(e.type)
    if isinstance(target, PointerType):
        integer = integer_of(source)
        if integer is not None and integer.size != 8:
            return convert(e, LONG if integer.signed else ULONG)
    elif isinstance(source, PointerType):
        integer = integer_of(target)
        if integer is not None and integer is not BOOL and integer.size != 8:
            return Cast("ptr2int", e, ULONG, e.span)
    return e


def is_null(e: Expr) -> bool:
    """Return whether ``e`` is a null pointer constant (6.3.2.3p3)."""
    if not isinstance(e, IntConst) or e.value != 0:
        return False
    real = strip(e.type)
    if isinstance(real, PointerType):
        return isinstance(strip(real.to), VoidType) and not qualifiers(real.to)
    return True


def assign(cx: Context, e: Expr, target: Target) -> Expr:
    """Convert ``e`` as if by assignment to ``target`` (6.5.16.1), reporting what does not fit."""
    e = rvalue(cx, e)
    if e.type is ERROR or target.type is ERROR:
        return e
    real, source = strip(target.type), strip(e.type)
    goal = unqualified(target.type)
    integer = integer_of(real)
    if integer is not None:
        if integer_of(source) is not None:
            _check_enum(cx, e, source, real, target)
            check_constant(cx, e, goal, integer, target.bits)
            return convert(e, goal)
        if isinstance(source, FloatType):
            return _from_float(cx, e, goal)
        if isinstance(source, PointerType):
            if integer is not BOOL:
                _int_conversion(cx, "pointer to integer", e, target)
            return convert(e, goal)
    elif isinstance(real, PointerType):
        if is_null(e):
            return IntConst(goal, 0, e.span)
        if integer_of(source) is not None:
            _int_conversion(cx, "integer to pointer", e, target)
            return convert(e, goal)
        if isinstance(source, PointerType):
            check_pointers(cx, e, source, real, target)
            note_lookup(cx, e, goal)
            return convert(e, goal)
    elif isinstance(real, FloatType):
        if integer_of(source) is not None or isinstance(source, FloatType):
            return to_float(cx, e, goal)
    elif isinstance(real, RecordType) and compatible(real, source, ignore_qualifiers=True):
        return e
    return _mismatch(cx, e, target)


def _check_enum(cx: Context, e: Expr, source: CType, real: CType, target: Target) -> None:
    if isinstance(source, EnumType) and isinstance(real, EnumType) and source is not real:
        cx.warning(
            "enum-conversion",
            f"implicit conversion from enumeration type {quoted(e.type)} to different enumeration "
            f"type {quoted(target.type)}",
            e.span,
        )


def note_lookup(cx: Context, e: Expr, target: CType) -> None:
    """The pointer that takes the result of a lookup tells what the program takes values for."""
    if not isinstance(e, Call):
        return
    if e.callee.builtin == "bpf_table_lookup" and cx.dialect is not None:
        cx.dialect.note_result(e, target, e.span)
    elif e.callee.helper is not None and not cx.unevaluated:
        check_map_result(cx, e, target, e.span)


def _mismatch(cx: Context, e: Expr, target: Target) -> Expr:
    if isinstance(strip(e.type), VoidType) and target.verb == "initializing":
        message = target.phrase(VOID, "incompatible ")
    else:
        message = target.phrase(e.type, "incompatible ")
    fixits = None
    real = strip(target.type)
    if (
        isinstance(real, PointerType)
        and e.__class__ is Cast
        and compatible(real.to, e.type, ignore_qualifiers=True)
    ):
        fixits = [FixIt("&", _before(e.span))]
    elif isinstance(strip(e.type), PointerType):
        pointee = strip(e.type)
        if isinstance(pointee, PointerType) and compatible(
            pointee.to, target.type, ignore_qualifiers=True
        ):
            fixits = [FixIt("*", _before(e.span))]
    return cx.wrong("c-incompatible-types", message, e.span, notes=notes_of(target), fixits=fixits)


def _before(span: Span | None) -> Span | None:
    if span is None or span.expansion is not None:
        return None
    return span.__class__(span.file, span.start, span.start)


def _int_conversion(cx: Context, what: str, e: Expr, target: Target) -> None:
    fixits = None
    pointee = strip(target.type)
    if what[0] == "p":  # pointer to integer: perhaps its target was meant
        pointee = strip(e.type)
        if isinstance(pointee, PointerType) and integer_of(pointee.to) is not None:
            fixits = [FixIt("*", _before(e.span))]
    elif (
        isinstance(pointee, PointerType)
        and isinstance(e, Cast)
        and e.kind == "load"
        and (isinstance(strip(pointee.to), VoidType) or compatible(pointee.to, e.type))
    ):
        fixits = [FixIt("&", _before(e.span))]
    cx.warning(
        "int-conversion",
        f"incompatible {what} conversion {target.phrase(e.type)}",
        e.span,
        notes=notes_of(target),
        fixits=fixits,
    )


# --------------------------------------------------------------------------- floating point
def no_float(cx: Context, span: Span | None) -> ErrorExpr:
    """Refuse an operation on floating point that cannot be done while compiling."""
    if cx.unevaluated:
        return ErrorExpr(span)
    return cx.wrong(
        "bpf-unsupported-c",
        "floating point is not available in BPF",
        span,
        fixits=[FixIt(FLOAT_ADVICE)],
    )


def _from_float(cx: Context, e: Expr, goal: CType) -> Expr:
    if not isinstance(e, FloatConst):
        return no_float(cx, e.span)
    integer = integer_of(goal)
    result = convert(e, goal)
    if integer is not None and isinstance(result, IntConst) and integer is not BOOL:
        if result.value != e.value:
            cx.warning(
                "literal-conversion",
                f"implicit conversion from {quoted(e.type)} to {quoted(goal)} changes value from "
                f"{e.value:g} to {result.value}",
                e.span,
            )
    return result


def to_float(cx: Context, e: Expr, goal: CType) -> Expr:
    """Convert an arithmetic value to a floating type: constants only, or a plain copy."""
    if isinstance(e, (IntConst, FloatConst)):
        return convert(e, goal)
    if strip(e.type) is strip(goal):
        return e
    return no_float(cx, e.span)
