"""Rules for comparisons.

A test is folded only on what the kernel's verifier knows too (``opt.ranges``). It is never moved to
another value, except a test for equality of a value that exists only for the test.
"""

from __future__ import annotations

from ..ir import fold
from ..ir.fold import SWAPPED
from ..ir.values import I1, I64, PTR, Const, Instr, Symbol, Value
from .ranges import bounds, implied
from .simplifier import Simplifier, is_op, sole_inner


def compare_rule(s: Simplifier, i: Instr) -> Value | None:
    """Comparisons of constants, with themselves, and those that known bounds decide."""
    op, (a, b) = i.op, i.args
    if type(a) is Const:
        if type(b) is Const:
            return s.const(I1, fold.compare(op, a.value, b.value, a.type.bits))
        a, b = i.args[0], i.args[1] = b, a
        op = i.op = SWAPPED[op]
        s.changed = True
    if a is b:
        return s.const(I1, op in ("eq", "ule", "uge", "sle", "sge"))
    if a.type is PTR:
        return _compare_pointers(s, i, a, b)
    if a.type is I1 and type(b) is Const:
        if op in ("eq", "ne"):
            if (op == "ne") == (b.value == 0):
                return a
            return s.make("xor", I1, [a, s.const(I1, 1)])
        return None
    known = implied(op, bounds(a, s.facts), bounds(b, s.facts))
    if known is not None:
        return s.const(I1, known)
    if type(b) is Const and isinstance(a, Instr):
        return _compare_constant(s, i, a, b)
    if op in ("eq", "ne") and isinstance(a, Instr) and isinstance(b, Instr):
        if a.op == b.op == "sext" and s.one_use(a) and s.one_use(b):
            x, y = a.args[0], b.args[0]
            if x.type is y.type:  # equal as they are, whatever their sign
                return s.make(op, I1, [x, y])
    return None


def _compare_pointers(s: Simplifier, i: Instr, a: Value, b: Value) -> Value | None:
    if i.op not in ("eq", "ne"):
        return None
    if type(b) is Const and b.value == 0:
        if type(a) is Symbol and a.name in s.globals:
            return s.const(I1, i.op == "ne")
        if isinstance(a, Instr) and a.op == "alloca":
            return s.const(I1, i.op == "ne")
        if isinstance(a, Instr) and a.op == "inttoptr":
            return s.make(i.op, I1, [a.args[0], s.const(I64, 0)])
    return None


def _compare_constant(s: Simplifier, i: Instr, a: Instr, b: Const) -> Value | None:
    """Rules for equality with a constant that leave the tested value itself alone.

    Each holds for a value that exists only to be tested.
    """
    op = i.op
    if a.op == "select" and type(a.args[1]) is Const and type(a.args[2]) is Const:
        arms = [fold.compare(op, arm.value, b.value, a.type.bits) for arm in a.args[1:]]  # type: ignore[attr-defined]
        if arms[0] == arms[1]:
            return s.const(I1, arms[0])
        return a.args[0] if arms[0] else s.make("xor", I1, [a.args[0], s.const(I1, 1)])
    if a.op == "zext" and a.args[0].type is I1:
        if op in ("eq", "ne"):
            inner = a.args[0]
            if b.value > 1:
                return s.const(I1, op == "ne")
            if (op == "ne") == (b.value == 0):
                return inner
            return s.make("xor", I1, [inner, s.const(I1, 1)])
        return None
    if op in ("eq", "ne") and a.op == "sext" and s.only_equated(a):
        return _equal_narrow(s, op, a, b)
    if op not in ("eq", "ne") or not s.one_use(a):
        if op == "ult" and b.value == 1:
            return s.make("eq", I1, [a, s.const(a.type, 0)])
        if op == "uge" and b.value == 1:
            return s.make("ne", I1, [a, s.const(a.type, 0)])
        return None
    bits = a.type.bits
    if a.op in ("add", "xor") and type(a.args[1]) is Const:
        other = a.args[1].value
        target = b.value - other if a.op == "add" else b.value ^ other
        return s.make(op, I1, [a.args[0], s.const(a.type, target)])
    if a.op == "lshr" and b.value == 0 and type(a.args[1]) is Const:
        # No bit from the n-th on: a bound of the value itself, which the kernel can use.
        limit = s.const(a.type, 1 << a.args[1].value % bits)
        return s.make("ult" if op == "eq" else "uge", I1, [a.args[0], limit])
    if a.op == "and" and b.value == 0 and type(a.args[1]) is Const:
        shifted = sole_inner(s, a.args[0], "lshr")
        if shifted is not None:
            mask = a.args[1].value << shifted[1] % bits
            if mask < 1 << min(bits, 31):
                masked = s.make("and", a.type, [shifted[0], s.const(a.type, mask)])
                return s.make(op, I1, [masked, b])
    if a.op in ("sub", "xor") and b.value == 0:
        return s.make(op, I1, list(a.args))
    if a.op == "bswap":
        return s.make(op, I1, [a.args[0], s.const(a.type, fold.bswap(b.value, bits))])
    if a.op == "and" and type(a.args[1]) is Const:
        return _equal_swapped(s, op, a, b)
    if a.op == "zext" and (a.args[0].type.bits >= 32 or is_op(a.args[0], "bswap")):
        return _equal_narrow(s, op, a, b)
    if a.op == "ptrtoint" and b.value == 0:
        return s.make(op, I1, [a.args[0], s.const(PTR, 0)])
    return None


def _equal_narrow(s: Simplifier, op: str, a: Instr, b: Const) -> Value:
    """Test an extension for equality on the value that it extends."""
    narrow = a.args[0].type
    low = b.value & ((1 << narrow.bits) - 1)
    if fold.convert(a.op, low, narrow.bits, a.type.bits) != b.value:
        return s.const(I1, op == "ne")
    return s.make(op, I1, [a.args[0], s.const(narrow, low)])


def _equal_swapped(s: Simplifier, op: str, a: Instr, b: Const) -> Value | None:
    """Test masked swapped bytes for equality on the bytes as they are."""
    swapped, mask = a.args
    if isinstance(swapped, Instr) and swapped.op == "zext":
        swapped = swapped.args[0]
    if not isinstance(swapped, Instr) or swapped.op != "bswap" or type(mask) is not Const:
        return None
    type_ = swapped.type
    if b.value & ~mask.value or b.value >> type_.bits:
        return s.const(I1, op == "ne")
    low = s.const(type_, mask.value).value
    plain = [s.const(type_, fold.bswap(number, type_.bits)) for number in (low, b.value)]
    return s.make(op, I1, [s.make("and", type_, [swapped.args[0], plain[0]]), plain[1]])
