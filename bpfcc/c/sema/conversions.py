"""Conversions: lvalue to rvalue, decay, promotion, implicit conversion with its rules, casts.

Source: C17 6.3 (what a conversion does), 6.5.16.1 (what may be assigned to what), 6.5.4 (casts).
Constants are folded on the way, so that a constant expression is an ``IntConst`` when complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.layout import is_complete
from ..ctype.printing import quoted
from ..ctype.promotion import common_float, common_integer, integer_of, promote, wrap
from ..ctype.relations import (
    CONST,
    VOLATILE,
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
    RecordType,
    VoidType,
    strip,
)
from ..tast.nodes import (
    AddressOf,
    Assign,
    Binary,
    Call,
    Cast,
    CompoundAssign,
    CompoundLiteral,
    Deref,
    Expr,
    FloatConst,
    FuncRef,
    Index,
    IntConst,
    Member,
    StringLit,
    VarRef,
)
from .checks import check_map_result
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


# --------------------------------------------------------------------------- implicit conversion
class Target:
    """Where a value goes, for the wording: ``verb`` is assigning, passing, returning or init.

    ``note`` is added to diagnostics (the declaration of the parameter).
    """

    __slots__ = ("bits", "note", "type", "verb")

    def __init__(
        self, verb: str, type: CType, note: Note | None = None, bits: int | None = None
    ) -> None:
        self.verb = verb
        self.type = type
        self.note = note
        self.bits = bits

    def phrase(self, source: CType, bad: str = "") -> str:
        """Say what goes where; ``bad`` is "incompatible " for types that never fit."""
        s, t = quoted(source), quoted(self.type)
        if self.verb == "passing":
            return f"passing {s} to parameter of {bad}type {t}"
        if self.verb == "returning":
            return f"returning {s} from a function with {bad}result type {t}"
        if self.verb == "initializing":
            return f"initializing {t} with an expression of {bad}type {s}"
        return f"assigning to {t} from {bad}{'type ' if bad else ''}{s}"


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
            _note_lookup(cx, e, goal)
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


def _note_lookup(cx: Context, e: Expr, target: CType) -> None:
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
    return cx.wrong("c-incompatible-types", message, e.span, notes=_notes(target), fixits=fixits)


def _before(span: Span | None) -> Span | None:
    if span is None or span.expansion is not None:
        return None
    return span.__class__(span.file, span.start, span.start)


def _notes(target: Target) -> list[Note] | None:
    return [target.note] if target.note is not None else None


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
        notes=_notes(target),
        fixits=fixits,
    )


def check_pointers(
    cx: Context, e: Expr, source: PointerType, goal: PointerType, target: Target
) -> None:
    """Report what is wrong with using a pointer of type ``source`` as ``goal``."""
    (a, a_quals), (b, b_quals) = split(source.to), split(goal.to)
    if source.address_space != goal.address_space:
        cx.error(
            "c-address-space",
            f"{target.phrase(e.type)} changes address space of pointer",
            e.span,
            notes=_notes(target),
        )
        return
    if a is ERROR or b is ERROR:
        return
    if compatible(a, b):
        lost = (a_quals | _elements(a)) & ~(b_quals | _elements(b)) & (CONST | VOLATILE)
        if lost:
            _discards(cx, e, target)
        return
    if isinstance(a, VoidType) or isinstance(b, VoidType):
        if a_quals & ~b_quals & (CONST | VOLATILE) and not isinstance(b, FuncType):
            _discards(cx, e, target)
        return
    x, y = integer_of(a), integer_of(b)
    if x is not None and y is not None and x.size == y.size and x.rank and y.rank:
        if x.rank == y.rank and not isinstance(a, EnumType) and not isinstance(b, EnumType):
            _pointer_sign(cx, e, x, y, target)
            return
        if x is y:
            return  # an enum and its own integer type
    if isinstance(a, FuncType) and isinstance(b, FuncType):
        cx.warning(
            "incompatible-function-pointer-types",
            f"incompatible function pointer types {target.phrase(e.type)}",
            e.span,
            notes=_notes(target),
        )
        return
    if compatible(a, b, ignore_qualifiers=True) or _nested_qualifiers(a, b):
        cx.warning(
            "incompatible-pointer-types-discards-qualifiers",
            f"{target.phrase(e.type)} discards qualifiers in nested pointer types",
            e.span,
            notes=_notes(target),
        )
        return
    cx.warning(
        "incompatible-pointer-types",
        f"incompatible pointer types {target.phrase(e.type)}",
        e.span,
        notes=_notes(target),
    )


def _elements(t: CType) -> int:
    return qualifiers(t) if isinstance(t, ArrayType) else 0


def _nested_qualifiers(a: CType, b: CType) -> bool:
    """Whether two pointer types differ in nothing but qualifiers further down."""
    while True:
        x, y = strip(a), strip(b)
        if not isinstance(x, PointerType) or not isinstance(y, PointerType):
            return compatible(x, y, ignore_qualifiers=True)
        a, b = x.to, y.to


def _discards(cx: Context, e: Expr, target: Target) -> None:
    cx.warning(
        "incompatible-pointer-types-discards-qualifiers",
        f"{target.phrase(e.type)} discards qualifiers",
        e.span,
        notes=_notes(target),
    )


def _pointer_sign(cx: Context, e: Expr, a: IntType, b: IntType, target: Target) -> None:
    if a.name == b.name:
        return
    how = (
        "where one is of the unique plain 'char' type and the other is not"
        if "char" in (a.name, b.name)
        else "with different sign"
    )
    cx.warning(
        "pointer-sign",
        f"{target.phrase(e.type)} converts between pointers to integer types {how}",
        e.span,
        notes=_notes(target),
    )


# --------------------------------------------------------------------------- constants that change
def check_constant(
    cx: Context, e: Expr, goal: CType, integer: IntType, bits: int | None = None
) -> None:
    """Warn when a constant does not survive the implicit conversion to ``integer``.

    As clang decides: -1 into an unsigned type is an idiom, 300 into a char is a mistake. ``bits``
    is the width when the target is a bit-field.
    """
    if not isinstance(e, IntConst) or integer is BOOL:
        return
    value = e.value
    if bits is not None:
        _check_bit_field(cx, e, integer, bits)
        return
    width = integer.size * 8
    if value < 0:
        lost = (~value).bit_length() + 1 > width
    else:
        used = value.bit_length()
        source = integer_of(e.type)
        lost = used > width or (
            used == width and integer.signed and source is not None and source.signed
        )
    if lost and not cx.dead:
        cx.warning(
            "constant-conversion",
            f"implicit conversion from {quoted(e.type)} to {quoted(goal)} changes value "
            f"from {value} to {wrap(value, integer)}",
            e.span,
        )


def _check_bit_field(cx: Context, e: IntConst, integer: IntType, bits: int) -> None:
    value = e.value
    result = value & ((1 << bits) - 1)
    if integer.signed and bits and result >> (bits - 1):
        result -= 1 << bits
    if value == result:
        return
    if value < 0 and (~value).bit_length() + 1 <= bits:
        return  # -1 in an unsigned field of enough bits
    if bits == 1 and value == 1:
        cx.warning(
            "single-bit-bitfield-constant-conversion",
            f"implicit truncation from {quoted(e.type)} to a one-bit wide bit-field changes "
            f"value from 1 to {result}",
            e.span,
        )
        return
    cx.warning(
        "bitfield-constant-conversion",
        f"implicit truncation from {quoted(e.type)} to bit-field changes value from {value} to "
        f"{result}",
        e.span,
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
    _note_lookup(cx, e, target)
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
            found: Expr = cx.hooks["union_cast"](cx, e, target, member, span)
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


def is_modifiable(e: Expr) -> bool:
    """Return whether ``e`` designates something at all: an lvalue that is not a function."""
    return e.lvalue and isinstance(
        e, (VarRef, Deref, Index, Member, CompoundLiteral, StringLit, ErrorExpr)
    )
