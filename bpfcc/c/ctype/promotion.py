"""Integer promotions and the usual arithmetic conversions (C17 6.3.1.1, 6.3.1.8)."""

from __future__ import annotations

from .types import (
    BOOL,
    INT,
    INT128,
    LLONG,
    LONG,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    USHORT,
    CType,
    EnumType,
    FloatType,
    IntType,
    strip,
)

_BY_RANK = (
    (BOOL, BOOL),
    (UCHAR, SCHAR),
    (USHORT, SHORT),
    (UINT, INT),
    (ULONG, LONG),
    (ULLONG, LLONG),
    (UINT128, INT128),
)
_FLOAT_RANK = {"float": 0, "double": 1, "long double": 2}


def integer_of(t: CType) -> IntType | None:
    """Return the integer type that ``t`` is (an enum's underlying type), or None."""
    t = strip(t)
    if isinstance(t, IntType):
        return t
    if isinstance(t, EnumType):
        # An incomplete enum has been reported; int keeps the analysis going.
        return t.underlying or INT
    return None


def promote(t: IntType, width: int | None = None) -> IntType:
    """Return the promoted type of ``t``, of a bit-field of ``width`` bits when given.

    As clang has it: a bit-field that fits in int becomes int, one of exactly 32 unsigned bits
    unsigned int, and a wider one keeps its declared type.
    """
    if width is not None:
        if width < 32 or (width == 32 and t.signed):
            return INT
        if width == 32:
            return UINT
        return t
    if t.rank < 3:
        return INT
    return t


def common_integer(a: IntType, b: IntType) -> IntType:
    """Return the common type of two *promoted* integer types."""
    if a is b:
        return a
    if a.signed == b.signed:
        return a if a.rank >= b.rank else b
    signed, unsigned = (a, b) if a.signed else (b, a)
    if unsigned.rank >= signed.rank:
        return unsigned
    if signed.size > unsigned.size:
        return signed
    return to_unsigned(signed)


def common_float(a: CType, b: CType) -> FloatType | None:
    """Return the floating type of an operation on ``a`` and ``b``, None if neither is one."""
    a, b = strip(a), strip(b)
    if isinstance(a, FloatType):
        if isinstance(b, FloatType):
            return a if _FLOAT_RANK.get(a.name, 3) >= _FLOAT_RANK.get(b.name, 3) else b
        return a
    return b if isinstance(b, FloatType) else None


def to_unsigned(t: IntType) -> IntType:
    """Return the unsigned type of the same rank (C17 6.2.5p6)."""
    return _BY_RANK[t.rank][0] if t.signed else t


def to_signed(t: IntType) -> IntType:
    """Return the signed type of the same rank."""
    return t if t.signed else _BY_RANK[t.rank][1]


def wrap(value: int, t: IntType) -> int:
    """Return ``value`` converted to ``t`` (C17 6.3.1.3; signed types wrap)."""
    if t.rank == 0:
        return int(value != 0)
    bits = t.size * 8
    value &= (1 << bits) - 1
    if t.signed and value >> (bits - 1):
        value -= 1 << bits
    return value


def fits(value: int, t: IntType) -> bool:
    """Return whether ``value`` is in the range of ``t``."""
    return wrap(value, t) == value
