"""Evaluates constant expressions of the typed tree: integers, floats and address constants.

``evaluate`` answers what a compiler must be able to compute itself: array sizes, case labels,
static initialisers (C17 6.6), and what clang folds beyond that: const variables with a constant
initialiser, members of constant addresses. It never reports; None means "not a constant".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.layout import is_complete, size_of
from ..ctype.promotion import integer_of, wrap
from ..ctype.relations import CONST, VOLATILE, qualifiers
from ..ctype.types import BOOL, CType, FloatType, PointerType, strip
from .nodes import (
    AddressOf,
    Binary,
    BuiltinCall,
    Cast,
    Comma,
    CompoundLiteral,
    Conditional,
    CoreAccess,
    Deref,
    Expr,
    FloatConst,
    FuncRef,
    FuncSymbol,
    Index,
    Init,
    IntConst,
    Member,
    PtrAdd,
    PtrDiff,
    StringLit,
    Unary,
    VarRef,
    VarSymbol,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_DEPTH = 400  # nesting, and const variables initialised from const variables


class Address:
    """``base`` plus ``offset`` bytes; ``base`` is a symbol or a string literal."""

    __slots__ = ("base", "offset")

    def __init__(self, base: VarSymbol | FuncSymbol | StringLit, offset: int = 0) -> None:
        self.base = base
        self.offset = offset

    def __repr__(self) -> str:
        return f"<&{getattr(self.base, 'name', 'string literal')}{self.offset:+}>"


Value = int | float | Address | None


def evaluate(e: Expr, depth: int = 0) -> Value:
    """Return the value of rvalue ``e``: an int, a float, an ``Address``; None if not constant."""
    if e.__class__ is IntConst:
        value: int = e.value
        return value
    rule = _RULES.get(e.__class__)
    if rule is None or depth > _DEPTH:
        return None
    return rule(e, depth + 1)


def evaluate_int(e: Expr) -> int | None:
    """Return the value of ``e`` if it is a constant integer, else None."""
    if e.__class__ is IntConst:
        value: int = e.value
        return value
    found = evaluate(e)
    return found if isinstance(found, int) else None


def convert(value: Value, target: CType) -> Value:
    """Return ``value`` converted to scalar type ``target``."""
    real = strip(target)
    if isinstance(real, FloatType):
        if isinstance(value, Address) or value is None:
            return None
        return float(value)
    if isinstance(value, float):
        try:
            value = int(value)
        except (OverflowError, ValueError):  # infinities and NaN: undefined in C
            return None
    integer = integer_of(real)
    if integer is not None:
        if isinstance(value, int):
            return wrap(value, integer)
        if integer is BOOL:
            truth = _truth(value)
            return None if truth is None else int(truth)
        return value if integer.size == 8 else None
    if isinstance(real, PointerType) and isinstance(value, int):
        return value & 0xFFFFFFFFFFFFFFFF
    return value


def binary(op: str, a: int, b: int, bits: int) -> int | None:
    """Compute ``a op b`` on integers, not yet wrapped; None where C gives no value.

    Shift counts are taken as they are and must lie in 0..bits-1.
    """
    if op in _ARITHMETIC:
        return _ARITHMETIC[op](a, b)
    if op in ("/", "%"):
        if b == 0:
            return None
        quotient = abs(a) // abs(b)
        if (a < 0) != (b < 0):
            quotient = -quotient
        return quotient if op == "/" else a - quotient * b
    if not 0 <= b < bits:
        return None
    return a << b if op == "<<" else a >> b


_ARITHMETIC: dict[str, Callable[[Any, Any], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "&&": lambda a, b: int(bool(a) and bool(b)),
    "||": lambda a, b: int(bool(a) or bool(b)),
}


def _binary(e: Binary, depth: int) -> Value:
    left = evaluate(e.left, depth)
    if left is None:
        return None
    if e.op in ("&&", "||"):
        # The right side of a decided operator need not be constant (clang folds so).
        truth = _truth(left)
        if truth is None or truth == (e.op == "||"):
            return None if truth is None else int(truth)
        right = evaluate(e.right, depth)
        truth = None if right is None else _truth(right)
        return None if truth is None else int(truth)
    right = evaluate(e.right, depth)
    if right is None:
        return None
    if isinstance(left, Address) or isinstance(right, Address):
        return _compare_addresses(e.op, left, right)
    if isinstance(left, float) or isinstance(right, float):
        return _float_binary(e.op, float(left), float(right))
    integer = integer_of(e.type)
    operand = integer_of(e.left.type)
    result = binary(e.op, left, right, operand.size * 8 if operand else 64)
    if result is None or integer is None:
        return result
    return wrap(result, integer)


def _float_binary(op: str, a: float, b: float) -> Value:
    if op == "/":
        return a / b if b else None
    if op in ("+", "-", "*", "==", "!=", "<", ">", "<=", ">="):
        return _ARITHMETIC[op](a, b)
    return None


def _compare_addresses(op: str, a: Value, b: Value) -> Value:
    if isinstance(a, Address) and isinstance(b, Address):
        if a.base is b.base and op in ("==", "!=", "<", ">", "<=", ">="):
            return _ARITHMETIC[op](a.offset, b.offset)
        return None
    if op in ("==", "!=") and 0 in (a, b):
        known = a if isinstance(a, Address) else b
        if isinstance(known, Address) and not getattr(known.base, "weak", False):
            return int(op == "!=")
    return None


def _truth(value: Value) -> bool | None:
    """Whether a constant counts as true; None for the address of a weak symbol."""
    if isinstance(value, Address):
        return None if getattr(value.base, "weak", False) else True
    return bool(value)


def _unary(e: Unary, depth: int) -> Value:
    value = evaluate(e.operand, depth)
    if value is None:
        return None
    if e.op == "!":
        truth = _truth(value)
        return None if truth is None else int(not truth)
    if isinstance(value, Address):
        return None
    if isinstance(value, float):
        return -value if e.op == "-" else None
    integer = integer_of(e.type)
    result = -value if e.op == "-" else ~value
    return wrap(result, integer) if integer is not None else result


def _cast(e: Cast, depth: int) -> Value:
    if e.kind == "load":
        return _loaded(e.operand, depth)
    if e.kind in ("decay", "func"):
        return address_of(e.operand, depth)
    if e.kind == "void":
        return None
    value = evaluate(e.operand, depth)
    return None if value is None else convert(value, e.type)


def _loaded(e: Expr, depth: int) -> Value:
    """The value of a const object, or of a part of one, with a constant initialiser.

    Parts of string literals and of compound literals count too.
    """
    place = _constant_place(e, depth)
    if place is None:
        return None
    init, offset = place
    if isinstance(init, StringLit):
        return _character(init, e, offset)
    width = e.field.width if isinstance(e, Member) else None
    size = (size_of(e.type) if is_complete(e.type) else 0) * 8
    for item in reversed(init.items):
        if item.offset == offset and item.width == width:
            if isinstance(item.value, StringLit):
                break
            value = evaluate(item.value, depth)
            return None if value is None else convert(value, e.type)
        if isinstance(item.value, StringLit):
            length = len(item.value.data) * 8
            if item.offset <= offset < item.offset + length:
                return _character(item.value, e, offset - item.offset)
        end = item.offset + (item.width or size_of(item.value.type) * 8)
        if item.offset < offset + size and offset < end:
            return None  # set in another shape
    return convert(0, e.type) if init.zero else None


def _constant_place(e: Expr, depth: int) -> tuple[Init | StringLit, int] | None:
    """Return the initialiser that ``e`` lies in and the bit offset there."""
    offset = 0
    while True:
        if isinstance(e, Member):
            offset += e.field.offset
            e = e.base
        elif isinstance(e, Index):
            index = evaluate(e.index, depth)
            if not isinstance(index, int) or not isinstance(e.pointer, Cast):
                return None
            if e.pointer.kind != "decay":
                return None
            offset += index * size_of(e.type) * 8
            e = e.pointer.operand
        elif isinstance(e, Cast) and e.kind == "load":
            e = e.operand
        else:
            break
    if isinstance(e, StringLit):
        return e, offset
    if isinstance(e, CompoundLiteral):
        return (e.symbol.init, offset) if e.symbol.init is not None else None
    if not isinstance(e, VarRef):
        return None
    symbol = e.symbol
    quals = qualifiers(symbol.type)
    if not quals & CONST or quals & VOLATILE or symbol.init is None or symbol.weak:
        return None
    return symbol.init, offset


def _character(literal: StringLit, e: Expr, offset: int) -> Value:
    """The element of a string at a bit offset; wide strings are left alone."""
    at = offset // 8
    if size_of(e.type) != 1 or not 0 <= at < len(literal.data):
        return None
    return convert(literal.data[at], e.type)


def address_of(e: Expr, depth: int = 0) -> Value:
    """Return the address of lvalue (or function) ``e`` if it is constant: an int or ``Address``."""
    if depth > _DEPTH:
        return None
    depth += 1
    if isinstance(e, VarRef):
        return Address(e.symbol) if e.symbol.storage != "auto" else None
    if isinstance(e, CompoundLiteral):
        return Address(e.symbol) if e.symbol.storage != "auto" else None
    if isinstance(e, FuncRef):
        return Address(e.symbol)
    if isinstance(e, StringLit):
        return Address(e)
    if isinstance(e, Deref):
        found = evaluate(e.pointer, depth)
        return None if isinstance(found, float) else found
    if isinstance(e, Member):
        return _add(address_of(e.base, depth), e.field.offset // 8)
    if isinstance(e, Index):
        index = evaluate(e.index, depth)
        if not isinstance(index, int):
            return None
        return _add(evaluate(e.pointer, depth), index * size_of(e.type))
    if isinstance(e, CoreAccess):
        return address_of(e.operand, depth)
    return None


def _add(base: Value, offset: int) -> Value:
    if isinstance(base, Address):
        return Address(base.base, base.offset + offset)
    if isinstance(base, int):
        return (base + offset) & 0xFFFFFFFFFFFFFFFF
    return None


def _pointer_add(e: PtrAdd, depth: int) -> Value:
    index = evaluate(e.index, depth)
    if not isinstance(index, int):
        return None
    offset = index * e.scale
    return _add(evaluate(e.pointer, depth), -offset if e.subtract else offset)


def _pointer_diff(e: PtrDiff, depth: int) -> Value:
    left, right = evaluate(e.left, depth), evaluate(e.right, depth)
    if isinstance(left, Address) and isinstance(right, Address):
        if left.base is not right.base:
            return None
        return (left.offset - right.offset) // (e.scale or 1)
    if isinstance(left, int) and isinstance(right, int):
        return (left - right) // (e.scale or 1)
    return None


def _conditional(e: Conditional, depth: int) -> Value:
    cond = evaluate(e.cond, depth)
    if cond is None:
        return None
    truth = _truth(cond)
    if truth is None:
        return None
    if not truth:
        return evaluate(e.otherwise, depth)
    return cond if e.then is None else evaluate(e.then, depth)


def _comma(e: Comma, depth: int) -> Value:
    return evaluate(e.right, depth) if evaluate(e.left, depth) is not None else None


def _builtin(e: BuiltinCall, depth: int) -> Value:
    if e.name == "constant_p":
        return None if evaluate(e.args[0], depth) is None else 1  # "no" is decided after inlining
    if e.name == "expect":
        return evaluate(e.args[0], depth)
    return None


_RULES: dict[type, Callable[[Any, int], Value]] = {
    FloatConst: lambda e, depth: float(e.value),
    AddressOf: lambda e, depth: address_of(e.operand, depth),
    Binary: _binary,
    Unary: _unary,
    Cast: _cast,
    PtrAdd: _pointer_add,
    PtrDiff: _pointer_diff,
    Conditional: _conditional,
    Comma: _comma,
    CoreAccess: lambda e, depth: evaluate(e.operand, depth),
    BuiltinCall: _builtin,
}
