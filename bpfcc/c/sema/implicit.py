"""What an implicit conversion may do wrong: pointers that do not fit, constants that change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import Note
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of, wrap
from ..ctype.relations import (
    CONST,
    VOLATILE,
    compatible,
    qualifiers,
    split,
)
from ..ctype.types import (
    BOOL,
    ArrayType,
    CType,
    EnumType,
    FuncType,
    IntType,
    PointerType,
    VoidType,
    strip,
)
from ..tast.nodes import (
    Expr,
    IntConst,
)
from .symbols import ERROR

if TYPE_CHECKING:
    from .context import Context

MASK64 = 0xFFFFFFFFFFFFFFFF


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


def notes_of(target: Target) -> list[Note] | None:
    """Return the notes that go with a diagnostic about ``target``."""
    return [target.note] if target.note is not None else None


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
            notes=notes_of(target),
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
            notes=notes_of(target),
        )
        return
    if compatible(a, b, ignore_qualifiers=True) or _nested_qualifiers(a, b):
        cx.warning(
            "incompatible-pointer-types-discards-qualifiers",
            f"{target.phrase(e.type)} discards qualifiers in nested pointer types",
            e.span,
            notes=notes_of(target),
        )
        return
    cx.warning(
        "incompatible-pointer-types",
        f"incompatible pointer types {target.phrase(e.type)}",
        e.span,
        notes=notes_of(target),
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
        notes=notes_of(target),
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
        notes=notes_of(target),
    )


# --------------------------------------------------------------------------- constants that change
def check_constant(
    cx: Context, e: Expr, goal: CType, integer: IntType, bits: int | None = None
) -> None:
    """Warn when a constant does not survive the implicit conversion to ``integer``.

    As clang decides: -1 into an unsigned type is an idiom and so is 0xff into a char, 255 into a
    char is a mistake. ``bits`` is the width when the target is a bit-field.
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
            used == width
            and integer.signed
            and source is not None
            and source.signed
            and not _spells_bits(e)
        )
    if lost and not cx.dead:
        cx.warning(
            "constant-conversion",
            f"implicit conversion from {quoted(e.type)} to {quoted(goal)} changes value "
            f"from {value} to {wrap(value, integer)}",
            e.span,
        )


def _spells_bits(e: IntConst) -> bool:
    """Return whether the constant is written as a bit pattern: 0xff, 0377 or 0b11, in any type."""
    text = e.span.text().strip("() ") if e.span is not None else ""
    return text[:1] == "0" and text.isalnum()


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
