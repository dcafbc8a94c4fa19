"""C's scalar types as IR types, and the conversions between them (C17 6.3.1, 6.3.2.3).

Records and 128-bit integers have no IR value: the value of such an expression is the address of
memory that holds it (``is_memory``).
"""

from __future__ import annotations

from ...ir.builder import Builder
from ...ir.values import I1, I8, I16, I32, I64, PTR, VOID, Const, Type, Value
from ..ctype.layout import size_of
from ..ctype.promotion import integer_of
from ..ctype.types import (
    ArrayType,
    CType,
    FloatType,
    FuncType,
    IntType,
    PointerType,
    Qualified,
    RecordType,
    Typedef,
    VoidType,
    strip,
)

INT_OF_SIZE = {1: I8, 2: I16, 4: I32, 8: I64}


def is_memory(t: CType) -> bool:
    """Say whether values of ``t`` are kept in memory: records, 128-bit integers, floats."""
    real = strip(t)
    if isinstance(real, (RecordType, ArrayType, FloatType)):
        return True
    return isinstance(real, IntType) and real.size == 16


def is_wide(t: CType) -> bool:
    """Say whether ``t`` is a 128-bit integer type."""
    real = strip(t)
    return isinstance(real, IntType) and real.size == 16


def is_bool(t: CType) -> bool:
    """Say whether ``t`` is ``_Bool``."""
    real = strip(t)
    return isinstance(real, IntType) and real.rank == 0


def ir_type(t: CType) -> Type:
    """Return the IR type of a value of ``t``; memory types are passed as addresses."""
    real = strip(t)
    if isinstance(real, (PointerType, FuncType)) or is_memory(real):
        return PTR
    if isinstance(real, VoidType):
        return VOID
    return INT_OF_SIZE[size_of(real)]


def is_signed(t: CType) -> bool:
    """Say whether ``t`` is a signed integer (or enum) type."""
    integer = integer_of(t)
    return integer is not None and integer.signed


def is_volatile(t: CType) -> bool:
    """Say whether an object of type ``t`` is volatile; accesses to atomic ones stay as well."""
    while True:
        if isinstance(t, Typedef):
            t = t.to
        elif isinstance(t, Qualified):
            if t.volatile or t.atomic:
                return True
            t = t.base
        elif isinstance(t, ArrayType):
            t = t.elem
        else:
            return False


def convert(b: Builder, value: Value, source: CType, target: CType) -> Value:
    """Convert a scalar rvalue between C types; neither is a memory type."""
    to = ir_type(target)
    if is_bool(target):
        return as_bool(b, value)
    if to is VOID or value.type is to:
        return value
    if to is PTR:
        return b.inttoptr(b.resize(value, I64, signed=is_signed(source)))
    if value.type is PTR:
        return b.resize(b.ptrtoint(value), to, signed=False)
    return b.resize(value, to, signed=value.type is not I1 and is_signed(source))


def as_bool(b: Builder, value: Value) -> Value:
    """Return ``value != 0`` as C's _Bool: an i8 of 0 or 1."""
    return b.zext(truth(b, value), I8)


def truth(b: Builder, value: Value) -> Value:
    """Return ``value != 0`` as an i1; the extension of an i1 is looked through."""
    if value.type is I1:
        return value
    if getattr(value, "op", "") == "zext" and value.args[0].type is I1:  # type: ignore[attr-defined]
        found: Value = value.args[0]  # type: ignore[attr-defined]
        return found
    if value.type is PTR and not isinstance(value, Const):
        return b.compare("ne", value, b.null())
    return b.is_nonzero(value)
