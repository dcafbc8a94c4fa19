"""Tristate numbers: which bits of a 64-bit value are known.

A tnum is (value, mask): where a mask bit is 1 the bit is unknown and the value bit is 0. Values
are unsigned 64-bit Python ints; functions return pairs.
Source: Vishwanathan et al., "Sound, Precise, and Fast Abstract Interpretation with Tristate
Numbers", CGO 2022; the verdicts must equal those of kernel/bpf/tnum.c.
"""

from __future__ import annotations

U64 = (1 << 64) - 1
U32 = (1 << 32) - 1

Tnum = tuple[int, int]

UNKNOWN: Tnum = (0, U64)


def of_range(low: int, high: int) -> Tnum:
    """Return the best tnum that holds every value of low..high (unsigned)."""
    bits = (low ^ high).bit_length()
    if bits > 63:
        return UNKNOWN
    delta = (1 << bits) - 1
    return low & ~delta, delta


def add(av: int, am: int, bv: int, bm: int) -> Tnum:
    """Return a + b modulo 2**64."""
    sv = av + bv
    sigma = am + bm + sv
    mask = ((sigma ^ sv) | am | bm) & U64
    return sv & ~mask & U64, mask


def sub(av: int, am: int, bv: int, bm: int) -> Tnum:
    """Return a - b modulo 2**64."""
    dv = av - bv
    mask = (((dv + am) ^ (dv - bm)) | am | bm) & U64
    return dv & ~mask & U64, mask


def and_(av: int, am: int, bv: int, bm: int) -> Tnum:
    """Return a & b."""
    value = av & bv
    return value, (av | am) & (bv | bm) & ~value


def or_(av: int, am: int, bv: int, bm: int) -> Tnum:
    """Return a | b."""
    value = av | bv
    return value, (am | bm) & ~value


def xor(av: int, am: int, bv: int, bm: int) -> Tnum:
    """Return a ^ b."""
    mask = am | bm
    return (av ^ bv) & ~mask, mask


def mul(av: int, am: int, bv: int, bm: int) -> Tnum:
    """Return a * b modulo 2**64, by long multiplication over a's known and unknown bits.

    Where a bit of ``a`` is unknown the partial sum may or may not be added; the two outcomes are
    joined (the form that kernels since 6.18 use).
    """
    if not am and not bm:
        return av * bv & U64, 0
    acc_v, acc_m = 0, 0
    bits = av | am
    while bits:
        low = bits & -bits
        bits ^= low
        # ``add`` of b shifted, and ``union``, written out: this is where long loops spend time.
        sv = acc_v + (bv * low & U64)
        shifted = bm * low & U64
        mask = (((acc_m + shifted + sv) ^ sv) | acc_m | shifted) & U64
        sv &= ~mask & U64
        if av & low:
            acc_v, acc_m = sv, mask
        else:
            acc_m = (acc_v ^ sv) | acc_m | mask
            acc_v = acc_v & sv & ~acc_m
    return acc_v, acc_m


def union(av: int, am: int, bv: int, bm: int) -> Tnum:
    """Return the best tnum that holds what either holds."""
    value = av & bv
    mask = (av ^ bv) | am | bm
    return value & ~mask, mask


def intersect(av: int, am: int, bv: int, bm: int) -> Tnum:
    """Return what is known when both hold; bits that contradict count as 1."""
    mask = am & bm
    return (av | bv) & ~mask, mask


def lshift(v: int, m: int, count: int) -> Tnum:
    """Return the tnum shifted left by a constant."""
    return v << count & U64, m << count & U64


def rshift(v: int, m: int, count: int) -> Tnum:
    """Return the tnum shifted right, zeros coming in."""
    return v >> count, m >> count


def arshift(v: int, m: int, count: int, bits: int) -> Tnum:
    """Return the tnum shifted right with its sign; ``bits`` 32 works on the low half."""
    if bits == 32:
        value = ((v & U32 ^ 0x80000000) - 0x80000000) >> count & U32
        mask = ((m & U32 ^ 0x80000000) - 0x80000000) >> count & U32
        return value, mask
    top = 1 << 63
    return ((v ^ top) - top) >> count & U64, ((m ^ top) - top) >> count & U64


def within(av: int, am: int, bv: int, bm: int) -> bool:
    """Tell whether every value of b is a value of a."""
    if bm & ~am:
        return False
    return bv & ~am == av


def is_aligned(v: int, m: int, size: int) -> bool:
    """Tell whether every value is a multiple of ``size`` (a power of two, or 0 for any)."""
    if not size:
        return True
    return not ((v | m) & (size - 1))


def show(v: int, m: int) -> str:
    """Return the text of kernel logs: "(0x0; 0xff)", or the value of a constant."""
    if not m:
        return f"{v:#x}" if v else "0"
    return f"({v:#x}; {m:#x})"
