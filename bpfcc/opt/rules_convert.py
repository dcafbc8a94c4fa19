"""Rules for conversions between integer widths, and between integers and pointers.

An extension of a value that has other users stays an extension of that very value: a test of it
must go on counting for what is computed from it.
"""

from __future__ import annotations

from ..ir.values import I1, I64, PTR, Const, Instr, Value
from .ranges import bounds, known_zeros
from .simplifier import Simplifier


def zext_rule(s: Simplifier, i: Instr) -> Value | None:
    """Extensions of extensions and of what was cut off before."""
    a = i.args[0]
    if not isinstance(a, Instr):
        return None
    if a.op == "zext" and s.one_use(a):
        return s.make("zext", i.type, [a.args[0]])
    if a.op == "trunc":
        wide = a.args[0]
        full = (1 << wide.type.bits) - 1
        if known_zeros(wide) | ((1 << a.type.bits) - 1) == full:  # nothing was cut off
            if wide.type is i.type:
                return wide
            return s.make("zext" if wide.type.bits < i.type.bits else "trunc", i.type, [wide])
        if (a.type.bits < 32 or wide.type is not I64) and s.one_use(a):
            mask = s.const(i.type, (1 << a.type.bits) - 1)
            if wide.type is i.type:
                return s.make("and", i.type, [wide, mask])
            if wide.type.bits > i.type.bits:
                return s.make("and", i.type, [s.make("trunc", i.type, [wide]), mask])
            if a.type.bits < wide.type.bits < i.type.bits:
                mask = s.const(wide.type, mask.value)
                return s.make("zext", i.type, [s.make("and", wide.type, [wide, mask])])
    return None


def sext_rule(s: Simplifier, i: Instr) -> Value | None:
    """Signed extensions; unsigned where the value is not negative."""
    a = i.args[0]
    if isinstance(a, Instr):
        if a.op == "zext":
            return s.make("zext", i.type, [a])
        if a.op == "sext" and s.one_use(a):
            return s.make("sext", i.type, [a.args[0]])
    # Without 32-bit jumps a signed test reads the sign-extended register: then the use must too.
    if known_zeros(a) >> (a.type.bits - 1) or (s.mcpu >= 3 and bounds(a, s.facts).slo >= 0):
        return s.make("zext", i.type, [a])
    return None


def trunc_rule(s: Simplifier, i: Instr) -> Value | None:
    """Truncations of extensions, masks and narrow arithmetic."""
    a = i.args[0]
    if not isinstance(a, Instr):
        return None
    op = a.op
    if op == "trunc":
        return s.make("trunc", i.type, [a.args[0]])
    if op in ("zext", "sext"):
        source = a.args[0]
        if source.type is i.type:
            return source
        if source.type.bits < i.type.bits:
            return s.make(op, i.type, [source])
        return s.make("trunc", i.type, [source])
    if op == "and":
        mask = a.args[1]
        if type(mask) is Const and mask.value & ((1 << i.type.bits) - 1) == (1 << i.type.bits) - 1:
            return s.make("trunc", i.type, [a.args[0]])
    return _narrow(s, i, a)


_NARROW = frozenset({"add", "sub", "mul", "and", "or", "xor", "shl"})


def _narrow(s: Simplifier, i: Instr, a: Instr) -> Value | None:
    """Do an operation of which only the low bits are wanted on those bits.

    Only where that removes an extension or a constant does the work: nothing is computed twice.
    """
    if a.op not in _NARROW or not s.one_use(a) or i.type is I1:
        return None
    x, y = a.args
    bits = i.type.bits
    if a.op == "shl":
        if type(y) is not Const or y.value >= bits:
            return None
    if not (_narrows(x, bits) and (_narrows(y, bits))):
        return None
    low = [s.make("trunc", i.type, [arg]) for arg in (x, y)]
    return s.make(a.op, i.type, low)


def _narrows(value: Value, bits: int) -> bool:
    """Return whether the low bits of ``value`` are there without an instruction."""
    if isinstance(value, Const):
        return True
    if isinstance(value, Instr) and value.op in ("zext", "sext"):
        return value.args[0].type.bits <= bits
    return bits == 32 and value.type is I64


def ptrtoint_rule(s: Simplifier, i: Instr) -> Value | None:
    """The address of a pointer made of a number."""
    a = i.args[0]
    return a.args[0] if isinstance(a, Instr) and a.op == "inttoptr" else None


def inttoptr_rule(s: Simplifier, i: Instr) -> Value | None:
    """The pointer of an address, also after sums."""
    a = i.args[0]
    if not isinstance(a, Instr):
        return None
    if a.op == "ptrtoint":
        return a.args[0]
    if a.op == "add":
        for side in (0, 1):
            pointer = a.args[side]
            if isinstance(pointer, Instr) and pointer.op == "ptrtoint":
                return s.make("ptradd", PTR, [pointer.args[0], a.args[1 - side]])
    if a.op == "sub":
        pointer = a.args[0]
        if isinstance(pointer, Instr) and pointer.op == "ptrtoint":
            amount = s.make("sub", I64, [s.const(I64, 0), a.args[1]])
            return s.make("ptradd", PTR, [pointer.args[0], amount])
    return None
