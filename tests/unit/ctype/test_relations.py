"""Compatible and composite types, qualifiers, promotions."""

from __future__ import annotations

from bpfcc.c.ctype.promotion import common_integer, fits, promote, to_signed, to_unsigned, wrap
from bpfcc.c.ctype.relations import (
    CONST,
    VOLATILE,
    compatible,
    composite,
    qualifiers,
    qualify,
    unqualified,
)
from bpfcc.c.ctype.types import (
    BOOL,
    CHAR,
    INT,
    LLONG,
    LONG,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    ULLONG,
    ULONG,
    USHORT,
    ArrayType,
    EnumType,
    FuncType,
    PointerType,
    Qualified,
    RecordType,
    Typedef,
)


def test_integers_are_compatible_by_name_not_size() -> None:
    assert compatible(LONG, LONG)
    assert not compatible(LONG, LLONG)
    assert not compatible(CHAR, SCHAR)
    assert compatible(Typedef("t", INT), INT)


def test_enum_is_compatible_with_its_integer_only() -> None:
    a, b = EnumType("a"), EnumType("b")
    a.underlying = b.underlying = UINT
    assert compatible(a, UINT) and compatible(UINT, a)
    assert not compatible(a, INT)
    assert not compatible(a, b)


def test_qualifiers_count_below_pointers() -> None:
    const_int = Qualified(INT, const=True)
    assert not compatible(const_int, INT)
    assert compatible(const_int, INT, ignore_qualifiers=True)
    assert not compatible(PointerType(const_int), PointerType(INT))
    assert qualifiers(ArrayType(const_int, 3)) == CONST
    assert qualifiers(qualify(ArrayType(INT, 3), VOLATILE)) == VOLATILE
    assert unqualified(Typedef("t", const_int)) is INT


def test_arrays_and_functions() -> None:
    assert compatible(ArrayType(INT, None), ArrayType(INT, 3))
    assert not compatible(ArrayType(INT, 2), ArrayType(INT, 3))
    merged = composite(ArrayType(INT, None), ArrayType(INT, 3))
    assert isinstance(merged, ArrayType) and merged.count == 3
    old = FuncType(INT, [], prototype=False)
    new = FuncType(INT, [("x", INT)])
    assert compatible(old, new)
    assert composite(old, new) is not old
    assert not compatible(old, FuncType(INT, [("c", CHAR)]))  # char is promoted
    assert not compatible(new, FuncType(INT, [("x", INT)], variadic=True))
    assert compatible(new, FuncType(INT, [("x", Qualified(INT, const=True))]))


def test_records_have_identity() -> None:
    assert not compatible(RecordType("struct", "s"), RecordType("struct", "s"))


def test_promotions() -> None:
    assert promote(UCHAR) is INT and promote(USHORT) is INT and promote(BOOL) is INT
    assert promote(UINT) is UINT and promote(LONG) is LONG
    assert promote(UINT, 3) is INT
    assert promote(UINT, 32) is UINT
    assert promote(ULONG, 33) is ULONG


def test_usual_conversions() -> None:
    assert common_integer(INT, UINT) is UINT
    assert common_integer(UINT, LONG) is LONG
    assert common_integer(ULONG, LLONG) is ULLONG
    assert common_integer(LONG, LLONG) is LLONG
    assert to_unsigned(CHAR) is UCHAR and to_signed(USHORT) is SHORT


def test_wrapping() -> None:
    assert wrap(300, UCHAR) == 44
    assert wrap(255, CHAR) == -1
    assert wrap(-1, UINT) == 0xFFFFFFFF
    assert wrap(5, BOOL) == 1
    assert fits(-128, SCHAR) and not fits(128, SCHAR)
