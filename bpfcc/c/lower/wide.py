"""128-bit integers: values in memory, computed on two 64-bit halves.

The value of such an expression is the address of 16 bytes; operations read the halves and write a
new temporary, which sroa takes apart. Multiplication, shifts by any count, comparisons and
conversions are all there; division is not.
"""

from __future__ import annotations

from ...ir.values import I64, PTR, Const, Value
from ..ctype.types import CType
from .function import Fn
from .scalars import convert as convert_scalar
from .scalars import ir_type, is_bool, is_memory, is_signed, is_wide

_MASK = (1 << 64) - 1
_LOGIC = {"&": "and", "|": "or", "^": "xor"}


def _offsets(f: Fn) -> tuple[int, int]:
    """The byte offsets of the low and the high half."""
    return (8, 0) if f.module.big_endian else (0, 8)


def halves(f: Fn, value: Value) -> tuple[Value, Value]:
    """Return the low and high half of the number at address ``value``."""
    low_at, high_at = _offsets(f)
    return f.b.load(I64, value, low_at), f.b.load(I64, value, high_at)


def low(f: Fn, value: Value) -> Value:
    """Return the low half."""
    return f.b.load(I64, value, _offsets(f)[0])


def make(f: Fn, low_half: Value, high_half: Value) -> Value:
    """Return the address of a new number."""
    temp = f.bytes(16)
    low_at, high_at = _offsets(f)
    f.b.store(temp, low_half, low_at)
    f.b.store(temp, high_half, high_at)
    return temp


def constant(f: Fn, number: int) -> Value:
    """Return the address of a constant."""
    return make(f, Const(I64, number & _MASK), Const(I64, number >> 64 & _MASK))


def convert(f: Fn, value: Value, source: CType, target: CType) -> Value:
    """Convert between scalars of which one or both have 128 bits."""
    b = f.b
    if is_wide(target):
        if is_wide(source):
            return value
        signed = is_signed(source)
        number = b.ptrtoint(value) if value.type is PTR else b.resize(value, I64, signed=signed)
        high: Value = b.ashr(number, Const(I64, 63)) if signed else Const(I64, 0)
        return make(f, number, high)
    if not is_wide(source):
        return convert_scalar(b, value, source, target)
    if is_bool(target):
        return b.zext(is_nonzero(f, value), ir_type(target))
    if is_memory(target):
        return value
    number = low(f, value)
    kind = ir_type(target)
    return b.inttoptr(number) if kind is PTR else b.resize(number, kind, signed=False)


def is_nonzero(f: Fn, value: Value) -> Value:
    """Return whether the number is not zero, as an i1."""
    low_half, high_half = halves(f, value)
    return f.b.is_nonzero(f.b.or_(low_half, high_half))


def compare(f: Fn, op: str, left: Value, right: Value, signed: bool) -> Value:
    """Return a comparison as an i1."""
    b = f.b
    a_low, a_high = halves(f, left)
    b_low, b_high = halves(f, right)
    if op in ("==", "!="):
        difference = b.or_(b.xor(a_low, b_low), b.xor(a_high, b_high))
        return b.compare("eq" if op == "==" else "ne", difference, Const(I64, 0))
    if op in (">", "<="):
        a_low, a_high, b_low, b_high = b_low, b_high, a_low, a_high
    less = b.or_(
        b.compare("slt" if signed else "ult", a_high, b_high),
        b.and_(b.compare("eq", a_high, b_high), b.compare("ult", a_low, b_low)),
    )
    return less if op in ("<", ">") else b.not_(less)


def unary(f: Fn, op: str, value: Value) -> Value:
    """Compute ``-`` or ``~``."""
    b = f.b
    low_half, high_half = halves(f, value)
    if op == "~":
        return make(f, b.not_(low_half), b.not_(high_half))
    borrow = b.zext(b.is_nonzero(low_half), I64)
    return make(f, b.neg(low_half), b.sub(b.neg(high_half), borrow))


def binary(f: Fn, op: str, left: Value, right: Value, kind: CType, right_kind: CType) -> Value:
    """Compute an arithmetic operation on two numbers of 128 bits (a shift count may be narrow)."""
    b = f.b
    a_low, a_high = halves(f, left)
    if op in ("<<", ">>"):
        count = low(f, right) if is_wide(right_kind) else b.resize(right, I64, signed=False)
        return _shift(f, op, a_low, a_high, count, is_signed(kind))
    b_low, b_high = halves(f, right)
    if op in _LOGIC:
        name = _LOGIC[op]
        return make(f, b.binary(name, a_low, b_low), b.binary(name, a_high, b_high))
    if op == "+":
        total = b.add(a_low, b_low)
        carry = b.zext(b.compare("ult", total, a_low), I64)
        return make(f, total, b.add(b.add(a_high, b_high), carry))
    if op == "-":
        borrow = b.zext(b.compare("ult", a_low, b_low), I64)
        return make(f, b.sub(a_low, b_low), b.sub(b.sub(a_high, b_high), borrow))
    if op == "*":
        low_half, high_half = multiply(f, a_low, b_low)
        high_half = b.add(high_half, b.add(b.mul(a_low, b_high), b.mul(a_high, b_low)))
        return make(f, low_half, high_half)
    return f.unsupported("division of 128-bit integers", b.span, "divide 64-bit numbers, or shift")


def multiply(f: Fn, left: Value, right: Value) -> tuple[Value, Value]:
    """Return the 128-bit product of two unsigned 64-bit numbers: low and high half.

    Schoolbook multiplication in 32-bit digits (Knuth, volume 2, 4.3.1, algorithm M).
    """
    b = f.b
    half, mask = Const(I64, 32), Const(I64, 0xFFFFFFFF)
    a0, a1 = b.and_(left, mask), b.lshr(left, half)
    b0, b1 = b.and_(right, mask), b.lshr(right, half)
    p00, p01, p10, p11 = b.mul(a0, b0), b.mul(a0, b1), b.mul(a1, b0), b.mul(a1, b1)
    middle = b.add(b.add(b.lshr(p00, half), b.and_(p01, mask)), b.and_(p10, mask))
    high = b.add(b.add(p11, b.lshr(p01, half)), b.add(b.lshr(p10, half), b.lshr(middle, half)))
    return b.mul(left, right), high


def _shift(f: Fn, op: str, low_half: Value, high_half: Value, count: Value, signed: bool) -> Value:
    """Shift by ``count`` (0..127). Both ways are computed and the right one selected."""
    b = f.b
    zero = Const(I64, 0)
    big = b.compare("uge", count, Const(I64, 64))
    none = b.compare("eq", count, zero)
    rest = b.sub(Const(I64, 64), count)  # shift counts are taken modulo 64
    if op == "<<":
        spill = b.select(none, zero, b.lshr(low_half, rest))
        small_low, small_high = b.shl(low_half, count), b.or_(b.shl(high_half, count), spill)
        return make(
            f,
            b.select(big, zero, small_low),
            b.select(big, b.shl(low_half, count), small_high),
        )
    spill = b.select(none, zero, b.shl(high_half, rest))
    right = "ashr" if signed else "lshr"
    fill = b.ashr(high_half, Const(I64, 63)) if signed else zero
    small_low = b.or_(b.lshr(low_half, count), spill)
    small_high = b.binary(right, high_half, count)
    return make(
        f,
        b.select(big, b.binary(right, high_half, count), small_low),
        b.select(big, fill, small_high),
    )
