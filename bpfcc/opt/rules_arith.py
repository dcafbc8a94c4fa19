"""Rules for sums, products and divisions.

Division keeps its meaning for 0 (RFC 9669). A remainder by a power of two becomes a mask, which
the kernel can bound; other remainders stay, and are never taken to be small (``contract.md``).
"""

from __future__ import annotations

from ..ir.values import I1, I64, Const, Instr, Value
from .ranges import bounds
from .simplifier import Simplifier, is_op, sole_inner


def add_rule(s: Simplifier, i: Instr) -> Value | None:
    """X + 0, nested constants, x + -y, x + x."""
    a, b = i.args
    if type(b) is Const:
        if b.value == 0:
            return a
        if i.type is I1:
            return s.make("xor", I1, [a, b])
        inner = sole_inner(s, a, "add")
        if inner is not None:
            return s.make("add", i.type, [inner[0], s.const(i.type, inner[1] + b.value)])
    elif is_op(b, "sub") and isinstance(b.args[0], Const) and b.args[0].value == 0:  # type: ignore[attr-defined]
        return s.make("sub", i.type, [a, b.args[1]])  # type: ignore[attr-defined]
    elif a is b and i.type is not I1:
        return s.make("shl", i.type, [a, s.const(i.type, 1)])
    return None


def sub_rule(s: Simplifier, i: Instr) -> Value | None:
    """X - c as a sum, x - x, differences of pointers into one object."""
    a, b = i.args
    if type(b) is Const:
        if b.value == 0:
            return a
        return s.make("add", i.type, [a, s.const(i.type, -b.value)])
    if a is b:
        return s.const(i.type, 0)
    if i.type is I64 and is_op(a, "ptrtoint") and is_op(b, "ptrtoint"):
        return _pointer_difference(s, a.args[0], b.args[0])  # type: ignore[attr-defined]
    if isinstance(a, Instr) and a.op == "add" and a.args[0] is b:
        return a.args[1]
    if isinstance(a, Instr) and a.op == "add" and a.args[1] is b:
        return a.args[0]
    return None


def _pointer_difference(s: Simplifier, p: Value, q: Value) -> Value | None:
    p_base, p_off = split_offset(p)
    q_base, q_off = split_offset(q)
    if p_base is q_base:
        return s.const(I64, p_off - q_off)
    return None


def split_offset(pointer: Value) -> tuple[Value, int]:
    """Return base and constant offset of a pointer."""
    off = 0
    while isinstance(pointer, Instr) and pointer.op == "ptradd":
        amount = pointer.args[1]
        if type(amount) is not Const:
            break
        off += amount.signed
        pointer = pointer.args[0]
    return pointer, off


def mul_rule(s: Simplifier, i: Instr) -> Value | None:
    """Products by 0, 1, powers of two and nested constants."""
    a, b = i.args
    if type(b) is not Const:
        return None
    if b.value == 0:
        return b
    if b.value == 1:
        return a
    if i.type is not I1 and b.value & (b.value - 1) == 0:
        return s.make("shl", i.type, [a, s.const(i.type, b.value.bit_length() - 1)])
    inner = sole_inner(s, a, "mul")
    if inner is not None:
        return s.make("mul", i.type, [inner[0], s.const(i.type, inner[1] * b.value)])
    inner = sole_inner(s, a, "shl")
    if inner is not None:
        factor = b.value << (inner[1] % i.type.bits)
        return s.make("mul", i.type, [inner[0], s.const(i.type, factor)])
    return None


def udiv_rule(s: Simplifier, i: Instr) -> Value | None:
    """Unsigned quotients by 0, 1 and powers of two."""
    a, b = i.args
    if type(b) is Const:
        if b.value == 0:
            return b
        if b.value == 1:
            return a
        if b.value & (b.value - 1) == 0:
            return s.make("lshr", i.type, [a, s.const(i.type, b.value.bit_length() - 1)])
    return None


def urem_rule(s: Simplifier, i: Instr) -> Value | None:
    """Unsigned remainders by 0 and powers of two."""
    a, b = i.args
    if type(b) is Const:
        if b.value == 0:
            return a
        if b.value & (b.value - 1) == 0:
            return s.make("and", i.type, [a, s.const(i.type, b.value - 1)])
    return None


def sdiv_rule(s: Simplifier, i: Instr) -> Value | None:
    """Signed quotients: unsigned where the dividend is not negative, shifts for powers of two."""
    a, b = i.args
    if type(b) is not Const:
        return None
    if b.value == 0:
        return b
    if b.value == 1:
        return a
    if b.signed == -1:
        return s.make("sub", i.type, [s.const(i.type, 0), a])
    if b.signed > 0 and bounds(a, s.facts).slo >= 0:
        return s.make("udiv", i.type, [a, b])
    if s.mcpu < 4 and b.signed > 0 and b.value & (b.value - 1) == 0 and i.type is not I1:
        # Towards zero: negative dividends are raised by the divisor less one before the shift.
        bits, n = i.type.bits, b.value.bit_length() - 1
        sign = s.make("ashr", i.type, [a, s.const(i.type, bits - 1)])
        bias = s.make("lshr", i.type, [sign, s.const(i.type, bits - n)])
        return s.make("ashr", i.type, [s.make("add", i.type, [a, bias]), s.const(i.type, n)])
    return None


def srem_rule(s: Simplifier, i: Instr) -> Value | None:
    """Signed remainders, in the manner of ``sdiv_rule``."""
    a, b = i.args
    if type(b) is not Const:
        return None
    if b.value == 0:
        return a
    if b.value == 1 or b.signed == -1:
        return s.const(i.type, 0)
    if b.signed > 0 and bounds(a, s.facts).slo >= 0:
        return s.make("urem", i.type, [a, b])
    if s.mcpu < 4 and b.signed > 0 and b.value & (b.value - 1) == 0 and i.type is not I1:
        bits, n = i.type.bits, b.value.bit_length() - 1
        sign = s.make("ashr", i.type, [a, s.const(i.type, bits - 1)])
        bias = s.make("lshr", i.type, [sign, s.const(i.type, bits - n)])
        whole = s.make("and", i.type, [s.make("add", i.type, [a, bias]), s.const(i.type, -b.value)])
        return s.make("sub", i.type, [a, whole])
    return None
