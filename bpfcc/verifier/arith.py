"""Arithmetic on abstract numbers: one function per BPF operation, 64 and 32 bits.

Each takes two ``Val`` and returns one, as the kernel's ``scalar_min_max_*`` and
``scalar32_min_max_*`` do, followed by ``reg_bounds_sync``.
"""

from __future__ import annotations

from collections.abc import Callable

from ..isa import insn as isa
from . import tnum
from .bounds import (
    S32_MAX,
    S32_MIN,
    S64_MAX,
    S64_MIN,
    UNKNOWN,
    ZERO,
    Val,
    const,
    signed32,
    signed64,
    sync,
    zext,
)
from .tnum import U32, U64

_Range = tuple[int, int, int, int]


def _add_range(a: Val, b: Val) -> _Range:
    smin, smax = a.smin + b.smin, a.smax + b.smax
    if smin < S64_MIN or smin > S64_MAX or smax < S64_MIN or smax > S64_MAX:
        smin, smax = S64_MIN, S64_MAX
    umin, umax = a.umin + b.umin, a.umax + b.umax
    if umax > U64:
        if umin > U64:
            umin &= U64
            umax &= U64
        else:
            umin, umax = 0, U64
    return smin, smax, umin, umax


def _add_range32(a: Val, b: Val) -> _Range:
    smin, smax = a.smin32 + b.smin32, a.smax32 + b.smax32
    if smin < S32_MIN or smin > S32_MAX or smax < S32_MIN or smax > S32_MAX:
        smin, smax = S32_MIN, S32_MAX
    umin, umax = a.umin32 + b.umin32, a.umax32 + b.umax32
    if umax > U32:
        if umin > U32:
            umin &= U32
            umax &= U32
        else:
            umin, umax = 0, U32
    return smin, smax, umin, umax


def _sub_range(a: Val, b: Val) -> _Range:
    smin, smax = a.smin - b.smax, a.smax - b.smin
    if smin < S64_MIN or smin > S64_MAX or smax < S64_MIN or smax > S64_MAX:
        smin, smax = S64_MIN, S64_MAX
    umin, umax = a.umin - b.umax, a.umax - b.umin
    if umin < 0:
        if umax < 0:
            umin &= U64
            umax &= U64
        else:
            umin, umax = 0, U64
    return smin, smax, umin, umax


def _sub_range32(a: Val, b: Val) -> _Range:
    smin, smax = a.smin32 - b.smax32, a.smax32 - b.smin32
    if smin < S32_MIN or smin > S32_MAX or smax < S32_MIN or smax > S32_MAX:
        smin, smax = S32_MIN, S32_MAX
    umin, umax = a.umin32 - b.umax32, a.umax32 - b.umin32
    if umin < 0:
        if umax < 0:
            umin &= U32
            umax &= U32
        else:
            umin, umax = 0, U32
    return smin, smax, umin, umax


def add64(a: Val, b: Val) -> Val:
    """A + b."""
    if not a.m and not b.m:
        return const(a.v + b.v)
    v, m = tnum.add(a.v, a.m, b.v, b.m)
    return sync(v, m, *_add_range(a, b), *_add_range32(a, b))


def add64_unsynced(a: Val, b: Val) -> Val:
    """A + b without the bounds informing each other (how linked registers are updated)."""
    v, m = tnum.add(a.v, a.m, b.v, b.m)
    return Val(v, m, *_add_range(a, b), *_add_range32(a, b))


def add32(a: Val, b: Val) -> Val:
    """The low halves' sum, zero extended."""
    if not a.m and not b.m:
        return const(a.v + b.v & U32)
    v, m = tnum.add(a.v, a.m, b.v, b.m)
    return zext(v, m, *_add_range32(a, b))


def sub64(a: Val, b: Val) -> Val:
    """A - b."""
    if not a.m and not b.m:
        return const(a.v - b.v)
    v, m = tnum.sub(a.v, a.m, b.v, b.m)
    return sync(v, m, *_sub_range(a, b), *_sub_range32(a, b))


def sub32(a: Val, b: Val) -> Val:
    """The low halves' difference, zero extended."""
    if not a.m and not b.m:
        return const(a.v - b.v & U32)
    v, m = tnum.sub(a.v, a.m, b.v, b.m)
    return zext(v, m, *_sub_range32(a, b))


def neg64(a: Val) -> Val:
    """-a."""
    return sub64(ZERO, a)


def neg32(a: Val) -> Val:
    """The low half negated, zero extended."""
    return sub32(ZERO, a)


def _mul_range(a: Val, b: Val) -> _Range:
    umin, umax = a.umin * b.umin, a.umax * b.umax
    if umax > U64 or umin > U64:
        umin, umax = 0, U64
    products = (a.smin * b.smin, a.smin * b.smax, a.smax * b.smin, a.smax * b.smax)
    smin, smax = min(products), max(products)
    if smin < S64_MIN or smax > S64_MAX:
        smin, smax = S64_MIN, S64_MAX
    return smin, smax, umin, umax


def _mul_range32(a: Val, b: Val) -> _Range:
    umin, umax = a.umin32 * b.umin32, a.umax32 * b.umax32
    if umax > U32 or umin > U32:
        umin, umax = 0, U32
    products = (
        a.smin32 * b.smin32,
        a.smin32 * b.smax32,
        a.smax32 * b.smin32,
        a.smax32 * b.smax32,
    )
    smin, smax = min(products), max(products)
    if smin < S32_MIN or smax > S32_MAX:
        smin, smax = S32_MIN, S32_MAX
    return smin, smax, umin, umax


def mul64(a: Val, b: Val) -> Val:
    """A * b."""
    if not a.m and not b.m:
        return const(a.v * b.v)
    v, m = tnum.mul(a.v, a.m, b.v, b.m)
    return sync(v, m, *_mul_range(a, b), *_mul_range32(a, b))


def mul32(a: Val, b: Val) -> Val:
    """The low halves' product, zero extended."""
    if not a.m and not b.m:
        return const(a.v * b.v & U32)
    v, m = tnum.mul(a.v, a.m, b.v, b.m)
    return zext(v, m, *_mul_range32(a, b))


def _signed_pair(umin: int, umax: int) -> tuple[int, int]:
    low, high = signed64(umin), signed64(umax)
    return (low, high) if low <= high else (S64_MIN, S64_MAX)


def _signed_pair32(umin: int, umax: int) -> tuple[int, int]:
    low, high = signed32(umin), signed32(umax)
    return (low, high) if low <= high else (S32_MIN, S32_MAX)


def _bits(v: int, m: int, umin: int, umax: int, umin32: int, umax32: int) -> Val:
    smin, smax = _signed_pair(umin, umax)
    smin32, smax32 = _signed_pair32(umin32, umax32)
    return sync(v, m, smin, smax, umin, umax, smin32, smax32, umin32, umax32)


def _known_low(a: Val, b: Val) -> bool:
    return not (a.m | b.m) & U32


def and64(a: Val, b: Val) -> Val:
    """A & b."""
    if not a.m and not b.m:
        return const(a.v & b.v)
    v, m = tnum.and_(a.v, a.m, b.v, b.m)
    if not m:
        return const(v)
    umax32 = v & U32 if _known_low(a, b) else min(a.umax32, b.umax32)
    return _bits(v, m, v, min(a.umax, b.umax), v & U32, umax32)


def and32(a: Val, b: Val) -> Val:
    """The low halves' &, zero extended."""
    v, m = tnum.and_(a.v & U32, a.m & U32, b.v & U32, b.m & U32)
    if not m:
        return const(v)
    umax32 = min(a.umax32, b.umax32)
    smin32, smax32 = _signed_pair32(v, umax32)
    return zext(v, m, smin32, smax32, v, umax32)


def or64(a: Val, b: Val) -> Val:
    """A | b."""
    if not a.m and not b.m:
        return const(a.v | b.v)
    v, m = tnum.or_(a.v, a.m, b.v, b.m)
    low = v & U32
    umin32 = low if _known_low(a, b) else max(a.umin32, b.umin32)
    return _bits(v, m, max(a.umin, b.umin), v | m, umin32, low | m & U32)


def or32(a: Val, b: Val) -> Val:
    """The low halves' |, zero extended."""
    v, m = tnum.or_(a.v & U32, a.m & U32, b.v & U32, b.m & U32)
    if not m:
        return const(v)
    umin32, umax32 = max(a.umin32, b.umin32), v | m
    smin32, smax32 = _signed_pair32(umin32, umax32)
    return zext(v, m, smin32, smax32, umin32, umax32)


def xor64(a: Val, b: Val) -> Val:
    """A ^ b."""
    if not a.m and not b.m:
        return const(a.v ^ b.v)
    v, m = tnum.xor(a.v, a.m, b.v, b.m)
    return _bits(v, m, v, v | m, v & U32, (v | m) & U32)


def xor32(a: Val, b: Val) -> Val:
    """The low halves' ^, zero extended."""
    v, m = tnum.xor(a.v & U32, a.m & U32, b.v & U32, b.m & U32)
    if not m:
        return const(v)
    smin32, smax32 = _signed_pair32(v, v | m)
    return zext(v, m, smin32, smax32, v, v | m)


def lsh64(a: Val, b: Val) -> Val:
    """A << b for a constant b below 64; anything else is unknown."""
    if b.m or b.v > 63:
        return UNKNOWN
    count = b.v
    if not a.m:
        return const(a.v << count)
    smax = a.smax32 << 32 if count == 32 and a.smax32 >= 0 else S64_MAX
    smin = a.smin32 << 32 if count == 32 and a.smin32 >= 0 else S64_MIN
    if a.umax > 1 << 63 - count:
        umin, umax = 0, U64
    else:
        umin, umax = a.umin << count, a.umax << count
    if count > 31 or a.umax32 > 1 << 31 - count:
        umin32, umax32 = 0, U32
    else:
        umin32, umax32 = a.umin32 << count, a.umax32 << count
    v, m = tnum.lshift(a.v, a.m, count)
    return sync(v, m, smin, smax, umin & U64, umax & U64, S32_MIN, S32_MAX, umin32, umax32)


def lsh32(a: Val, b: Val) -> Val:
    """The low half << b for a constant b below 32, zero extended."""
    if b.m & U32 or b.umax > 31:
        return UNKNOWN
    count = b.v & U32
    if a.umax32 > 1 << 31 - count:
        umin32, umax32 = 0, U32
    else:
        umin32, umax32 = a.umin32 << count, a.umax32 << count
    v, m = (a.v & U32) << count & U32, (a.m & U32) << count & U32
    return zext(v, m, S32_MIN, S32_MAX, umin32 & U32, umax32 & U32)


def rsh64(a: Val, b: Val) -> Val:
    """A >> b, unsigned, for a constant b below 64."""
    if b.m or b.v > 63:
        return UNKNOWN
    count = b.v
    if not a.m:
        return const(a.v >> count)
    return sync(
        a.v >> count,
        a.m >> count,
        S64_MIN,
        S64_MAX,
        a.umin >> count,
        a.umax >> count,
        S32_MIN,
        S32_MAX,
        0,
        U32,
    )


def rsh32(a: Val, b: Val) -> Val:
    """The low half >> b, unsigned, zero extended."""
    if b.m & U32 or b.umax > 31:
        return UNKNOWN
    count = b.v & U32
    v, m = (a.v & U32) >> count, (a.m & U32) >> count
    return zext(v, m, S32_MIN, S32_MAX, a.umin32 >> count, a.umax32 >> count)


def arsh64(a: Val, b: Val) -> Val:
    """A >> b, signed, for a constant b below 64."""
    if b.m or b.v > 63:
        return UNKNOWN
    count = b.v
    if not a.m:
        return const(signed64(a.v) >> count)
    v, m = tnum.arshift(a.v, a.m, count, 64)
    return sync(v, m, a.smin >> count, a.smax >> count, 0, U64, S32_MIN, S32_MAX, 0, U32)


def arsh32(a: Val, b: Val) -> Val:
    """The low half >> b, signed, zero extended."""
    if b.m & U32 or b.umax > 31:
        return UNKNOWN
    count = b.v & U32
    v, m = tnum.arshift(a.v, a.m, count, 32)
    return zext(v, m, a.smin32 >> count, a.smax32 >> count, 0, U32)


def lost(a: Val, b: Val) -> Val:
    """Division and remainder: the kernel knows nothing of the result."""
    return UNKNOWN


Op = Callable[[Val, Val], Val]

OPS64: dict[int, Op] = {
    isa.ADD: add64,
    isa.SUB: sub64,
    isa.MUL: mul64,
    isa.DIV: lost,
    isa.MOD: lost,
    isa.AND: and64,
    isa.OR: or64,
    isa.XOR: xor64,
    isa.LSH: lsh64,
    isa.RSH: rsh64,
    isa.ARSH: arsh64,
}
OPS32: dict[int, Op] = {
    isa.ADD: add32,
    isa.SUB: sub32,
    isa.MUL: mul32,
    isa.DIV: lost,
    isa.MOD: lost,
    isa.AND: and32,
    isa.OR: or32,
    isa.XOR: xor32,
    isa.LSH: lsh32,
    isa.RSH: rsh32,
    isa.ARSH: arsh32,
}
