"""Rules for and, or, xor, shifts and byte swaps."""

from __future__ import annotations

from ..ir import fold
from ..ir.fold import INVERSE
from ..ir.values import I1, I32, I64, Const, Instr, Value
from .ranges import known_zeros
from .simplifier import Simplifier, is_op, sole_inner

_IMM_MAX = (1 << 31) - 1
_WORD = (1 << 32) - 1


def has_imm(value: int) -> bool:
    """Return whether an unsigned 64-bit ``value`` fits a sign-extended 32-bit immediate."""
    return value <= _IMM_MAX or value >= (1 << 64) - (1 << 31)


def and_rule(s: Simplifier, i: Instr) -> Value | None:
    """Masks: of nothing, of what is known, of masks and extensions."""
    a, b = i.args
    if a is b:
        return a
    if type(b) is not Const:
        return None
    full = (1 << i.type.bits) - 1
    if b.value == 0:
        return b
    if b.value == full:
        return a
    possible = full & ~known_zeros(a)
    if possible & ~b.value == 0:
        return a
    if possible & b.value == 0:
        return s.const(i.type, 0)
    if i.type is I64 and b.value == _WORD:
        return s.make("zext", I64, [s.make("trunc", I32, [a])])
    inner = sole_inner(s, a, "and")
    if inner is not None:
        return s.make("and", i.type, [inner[0], s.const(i.type, inner[1] & b.value)])
    if isinstance(a, Instr) and a.op in ("or", "xor") and s.one_use(a):
        # Bits that the mask clears need not be set or flipped.
        for side in (0, 1):
            if (full & ~known_zeros(a.args[side])) & b.value == 0:
                return s.make("and", i.type, [a.args[1 - side], b])
    if is_op(a, "zext") and s.one_use(a):
        narrow = a.args[0]  # type: ignore[attr-defined]
        mask = (1 << narrow.type.bits) - 1
        if narrow.type is not I1 and narrow.type.bits >= 32:
            masked = s.make("and", narrow.type, [narrow, s.const(narrow.type, b.value & mask)])
            return s.make("zext", i.type, [masked])
    if isinstance(a, Instr) and a.op == "sext" and b.value < 1 << (a.args[0].type.bits):
        return s.make("and", i.type, [s.make("zext", i.type, [a.args[0]]), b])
    return None


def or_rule(s: Simplifier, i: Instr) -> Value | None:
    """X | 0, x | ~0, x | x, nested constants."""
    a, b = i.args
    if a is b:
        return a
    if type(b) is Const:
        if b.value == 0:
            return a
        if b.value == (1 << i.type.bits) - 1:
            return b
        inner = sole_inner(s, a, "or")
        if inner is not None:
            return s.make("or", i.type, [inner[0], s.const(i.type, inner[1] | b.value)])
    return None


def xor_rule(s: Simplifier, i: Instr) -> Value | None:
    """X ^ 0, x ^ x, negated comparisons, nested constants."""
    a, b = i.args
    if a is b:
        return s.const(i.type, 0)
    if type(b) is Const:
        if b.value == 0:
            return a
        if i.type is I1 and isinstance(a, Instr) and a.op in INVERSE and s.one_use(a):
            return s.make(INVERSE[a.op], I1, list(a.args))
        inner = sole_inner(s, a, "xor")
        if inner is not None:
            return s.make("xor", i.type, [inner[0], s.const(i.type, inner[1] ^ b.value)])
    return None


def _shift_count(i: Instr) -> int | None:
    b = i.args[1]
    return b.value % i.type.bits if type(b) is Const else None


def shl_rule(s: Simplifier, i: Instr) -> Value | None:
    """Shifts left: by 0, nested, of what was shifted right."""
    a, n, bits = i.args[0], _shift_count(i), i.type.bits
    if type(a) is Const and a.value == 0:
        return a
    if n is None:
        return None
    if n == 0:
        return a
    full = (1 << bits) - 1
    inner = sole_inner(s, a, "shl")
    if inner is not None:
        total = inner[1] % bits + n
        if total >= bits:
            return s.const(i.type, 0)
        return s.make("shl", i.type, [inner[0], s.const(i.type, total)])
    inner = sole_inner(s, a, "lshr")
    if inner is not None and inner[1] % bits == n:
        mask = full & ~((1 << n) - 1)
        if bits < 64 or has_imm(mask):
            return s.make("and", i.type, [inner[0], s.const(i.type, mask)])
    return _demand(s, i, full >> n)


def _demand(s: Simplifier, i: Instr, demanded: int) -> Value | None:
    """Drop a mask or an extension below ``i`` that only clears bits outside ``demanded``."""
    a = i.args[0]
    if not isinstance(a, Instr) or not s.one_use(a):
        return None
    if a.op == "and":
        mask = a.args[1]
        if type(mask) is Const and demanded & ~mask.value == 0:
            return s.make(i.op, i.type, [a.args[0], i.args[1]])
    elif a.op in ("zext", "sext"):
        source = a.args[0]
        if isinstance(source, Instr) and source.op == "trunc":
            if source.args[0].type is i.type and demanded < 1 << source.type.bits:
                return s.make(i.op, i.type, [source.args[0], i.args[1]])
    return None


def lshr_rule(s: Simplifier, i: Instr) -> Value | None:
    """Unsigned shifts right: by 0, nested, of masks, of what was shifted left."""
    a, n, bits = i.args[0], _shift_count(i), i.type.bits
    if type(a) is Const and a.value == 0:
        return a
    if n is None:
        return None
    if n == 0:
        return a
    full = (1 << bits) - 1
    if (full & ~known_zeros(a)) >> n == 0:
        return s.const(i.type, 0)
    inner = sole_inner(s, a, "lshr")
    if inner is not None:
        total = inner[1] % bits + n
        if total >= bits:
            return s.const(i.type, 0)
        return s.make("lshr", i.type, [inner[0], s.const(i.type, total)])
    inner = sole_inner(s, a, "shl")
    if inner is not None and inner[1] % bits == n:
        mask = full >> n
        if bits < 64 or has_imm(mask) or mask == _WORD:
            return s.make("and", i.type, [inner[0], s.const(i.type, mask)])
    inner = sole_inner(s, a, "and")
    if inner is not None:
        # (x & m) >> n: the mask after the shift is the smaller immediate, and gives the bound.
        shifted = s.make("lshr", i.type, [inner[0], i.args[1]])
        if inner[1] >> n == full >> n:
            return shifted
        return s.make("and", i.type, [shifted, s.const(i.type, inner[1] >> n)])
    return None


def ashr_rule(s: Simplifier, i: Instr) -> Value | None:
    """Signed shifts right; unsigned where the sign bit is clear."""
    a, n, bits = i.args[0], _shift_count(i), i.type.bits
    if type(a) is Const and a.value == 0:
        return a
    if n is None:
        return None
    if n == 0:
        return a
    if known_zeros(a) >> (bits - 1):
        return s.make("lshr", i.type, list(i.args))
    inner = sole_inner(s, a, "ashr")
    if inner is not None:
        total = min(inner[1] % bits + n, bits - 1)
        return s.make("ashr", i.type, [inner[0], s.const(i.type, total)])
    return None


def bswap_rule(s: Simplifier, i: Instr) -> Value | None:
    """Byte swaps of constants and of byte swaps."""
    a = i.args[0]
    if type(a) is Const:
        return s.const(i.type, fold.bswap(a.value, i.type.bits))
    if isinstance(a, Instr) and a.op == "bswap":
        return a.args[0]
    masked = sole_inner(s, a, "and")
    if masked is not None and isinstance(masked[0], Instr) and masked[0].op == "bswap":
        mask = s.const(i.type, fold.bswap(masked[1], i.type.bits))
        return s.make("and", i.type, [masked[0].args[0], mask])
    return None
