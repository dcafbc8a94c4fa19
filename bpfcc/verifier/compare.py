"""Conditions on abstract numbers: whether a branch is certain, and what each side learns.

The kernel's ``is_scalar_branch_taken`` and ``regs_refine_cond_op`` (kernel/bpf/verifier.c).
"""

from __future__ import annotations

from ..isa import insn as isa
from . import tnum
from .bounds import (
    Val,
    checked,
    signed32,
    signed64,
    sync,
    unbounded,
)
from .tnum import U32, U64

# jset's opposite is no instruction; this is its name here.
JNSET = isa.JSET | isa.X

FLIPPED = {
    isa.JEQ: isa.JEQ,
    isa.JNE: isa.JNE,
    isa.JSET: isa.JSET,
    isa.JGE: isa.JLE,
    isa.JGT: isa.JLT,
    isa.JLE: isa.JGE,
    isa.JLT: isa.JGT,
    isa.JSGE: isa.JSLE,
    isa.JSGT: isa.JSLT,
    isa.JSLE: isa.JSGE,
    isa.JSLT: isa.JSGT,
}
OPPOSITE = {
    isa.JEQ: isa.JNE,
    isa.JNE: isa.JEQ,
    isa.JSET: JNSET,
    JNSET: isa.JSET,
    isa.JGE: isa.JLT,
    isa.JGT: isa.JLE,
    isa.JLE: isa.JGT,
    isa.JLT: isa.JGE,
    isa.JSGE: isa.JSLT,
    isa.JSGT: isa.JSLE,
    isa.JSLE: isa.JSGT,
    isa.JSLT: isa.JSGE,
}


def taken(op: int, a: Val, b: Val, narrow: bool) -> int:
    """Return 1 when ``a op b`` always holds, 0 when never, -1 when it depends.

    ``narrow``: the 32-bit jump.
    """
    if narrow:
        av, am, bv, bm = a.v & U32, a.m & U32, b.v & U32, b.m & U32
        umin1, umax1, smin1, smax1 = a.umin32, a.umax32, a.smin32, a.smax32
        umin2, umax2, smin2, smax2 = b.umin32, b.umax32, b.smin32, b.smax32
    else:
        av, am, bv, bm = a.v, a.m, b.v, b.m
        umin1, umax1, smin1, smax1 = a.umin, a.umax, a.smin, a.smax
        umin2, umax2, smin2, smax2 = b.umin, b.umax, b.smin, b.smax
    if op == isa.JEQ or op == isa.JNE:
        differ = 0 if op == isa.JEQ else 1
        if not am and not bm:
            return 1 - differ if av == bv else differ
        both = ~(am | bm)
        if av & both != bv & both:
            return differ
        if umin1 > umax2 or umax1 < umin2 or smin1 > smax2 or smax1 < smin2:
            return differ
        if not narrow and (
            a.umin32 > b.umax32 or a.umax32 < b.umin32 or a.smin32 > b.smax32 or a.smax32 < b.smin32
        ):
            return differ
        return -1
    if op == isa.JSET:
        if bm:
            av, am, bv, bm = bv, bm, av, am
        if bm:
            return -1
        if av & ~am & bv:
            return 1
        return -1 if (av | am) & bv else 0
    if op == isa.JGT:
        return 1 if umin1 > umax2 else 0 if umax1 <= umin2 else -1
    if op == isa.JLT:
        return 1 if umax1 < umin2 else 0 if umin1 >= umax2 else -1
    if op == isa.JGE:
        return 1 if umin1 >= umax2 else 0 if umax1 < umin2 else -1
    if op == isa.JLE:
        return 1 if umax1 <= umin2 else 0 if umin1 > umax2 else -1
    if op == isa.JSGT:
        return 1 if smin1 > smax2 else 0 if smax1 <= smin2 else -1
    if op == isa.JSLT:
        return 1 if smax1 < smin2 else 0 if smin1 >= smax2 else -1
    if op == isa.JSGE:
        return 1 if smin1 >= smax2 else 0 if smax1 < smin2 else -1
    return 1 if smax1 <= smin2 else 0 if smin1 > smax2 else -1


def _is_const(val: Val, narrow: bool) -> bool:
    return not (val.m & U32 if narrow else val.m)


def _with64(x: Val, umin: int, umax: int, smin: int, smax: int) -> Val:
    return sync(x.v, x.m, smin, smax, umin, umax, x.smin32, x.smax32, x.umin32, x.umax32)


def _with32(x: Val, umin: int, umax: int, smin: int, smax: int) -> Val:
    return sync(x.v, x.m, x.smin, x.smax, x.umin, x.umax, smin, smax, umin, umax)


def _equal(a: Val, b: Val, narrow: bool) -> tuple[Val, Val]:
    if narrow:
        umin, umax = max(a.umin32, b.umin32), min(a.umax32, b.umax32)
        smin, smax = max(a.smin32, b.smin32), min(a.smax32, b.smax32)
        v, m = tnum.intersect(a.v & U32, a.m & U32, b.v & U32, b.m & U32)
        high = U64 ^ U32

        def merged(x: Val) -> Val:
            return sync(
                x.v & high | v,
                x.m & high | m,
                x.smin,
                x.smax,
                x.umin,
                x.umax,
                smin,
                smax,
                umin,
                umax,
            )

        return merged(a), merged(b)
    umin, umax = max(a.umin, b.umin), min(a.umax, b.umax)
    smin, smax = max(a.smin, b.smin), min(a.smax, b.smax)
    v, m = tnum.intersect(a.v, a.m, b.v, b.m)
    return (
        sync(v, m, smin, smax, umin, umax, a.smin32, a.smax32, a.umin32, a.umax32),
        sync(v, m, smin, smax, umin, umax, b.smin32, b.smax32, b.umin32, b.umax32),
    )


def _unequal(a: Val, b: Val, narrow: bool) -> Val:
    """``a`` without the constant ``b`` where that is an edge of its range."""
    if narrow:
        u = b.v & U32
        s = signed32(u)
        return _with32(
            a,
            a.umin32 + (a.umin32 == u),
            a.umax32 - (a.umax32 == u),
            a.smin32 + (a.smin32 == s),
            a.smax32 - (a.smax32 == s),
        )
    u = b.v
    s = signed64(u)
    return _with64(
        a,
        a.umin + (a.umin == u),
        a.umax - (a.umax == u),
        a.smin + (a.smin == s),
        a.smax - (a.smax == s),
    )


def _bits(op: int, a: Val, b: Val, narrow: bool) -> Val:
    """What ``a`` learns from ``a & b`` being nonzero (JSET) or zero (JNSET), b constant."""
    mask = b.v & U32 if narrow else b.v
    if op == isa.JSET:
        if not mask or mask & (mask - 1):
            return sync(*a_fields(a))
        v, m = a.v | mask, a.m & ~mask
        return sync(v, m, *a_fields(a)[2:])
    v, m = a.v & ~mask, a.m & ~mask
    x = unbounded(v, m)
    return sync(*a_fields(x))


def a_fields(x: Val) -> tuple[int, int, int, int, int, int, int, int, int, int]:
    """Return the fields of ``x`` in the order in which ``sync`` takes them."""
    return (
        x.v,
        x.m,
        x.smin,
        x.smax,
        x.umin,
        x.umax,
        x.smin32,
        x.smax32,
        x.umin32,
        x.umax32,
    )


def refine(op: int, a: Val, b: Val, narrow: bool) -> tuple[Val, Val]:
    """Return ``a`` and ``b`` as they are where ``a op b`` holds."""
    if op in (isa.JGE, isa.JGT, isa.JSGE, isa.JSGT):
        x, y = _refine(FLIPPED[op], b, a, narrow)
        a, b = y, x
    else:
        a, b = _refine(op, a, b, narrow)
    return checked(a), checked(b)


def _refine(op: int, a: Val, b: Val, narrow: bool) -> tuple[Val, Val]:
    if op == isa.JEQ:
        return _equal(a, b, narrow)
    if op == isa.JNE:
        if _is_const(b, narrow):
            return _unequal(a, b, narrow), sync(*a_fields(b))
        if _is_const(a, narrow):
            return sync(*a_fields(a)), _unequal(b, a, narrow)
        return a, b
    if op == isa.JSET or op == JNSET:
        if _is_const(b, narrow):
            return _bits(op, a, b, narrow), b
        if _is_const(a, narrow):
            return a, _bits(op, b, a, narrow)
        return a, b
    if narrow:
        if op == isa.JLE:
            return (
                _with32(a, a.umin32, min(a.umax32, b.umax32), a.smin32, a.smax32),
                _with32(b, max(a.umin32, b.umin32), b.umax32, b.smin32, b.smax32),
            )
        if op == isa.JLT:
            return (
                _with32(a, a.umin32, min(a.umax32, b.umax32 - 1), a.smin32, a.smax32),
                _with32(b, max(a.umin32 + 1, b.umin32), b.umax32, b.smin32, b.smax32),
            )
        if op == isa.JSLE:
            return (
                _with32(a, a.umin32, a.umax32, a.smin32, min(a.smax32, b.smax32)),
                _with32(b, b.umin32, b.umax32, max(a.smin32, b.smin32), b.smax32),
            )
        return (
            _with32(a, a.umin32, a.umax32, a.smin32, min(a.smax32, b.smax32 - 1)),
            _with32(b, b.umin32, b.umax32, max(a.smin32 + 1, b.smin32), b.smax32),
        )
    if op == isa.JLE:
        return (
            _with64(a, a.umin, min(a.umax, b.umax), a.smin, a.smax),
            _with64(b, max(a.umin, b.umin), b.umax, b.smin, b.smax),
        )
    if op == isa.JLT:
        return (
            _with64(a, a.umin, min(a.umax, b.umax - 1), a.smin, a.smax),
            _with64(b, max(a.umin + 1, b.umin), b.umax, b.smin, b.smax),
        )
    if op == isa.JSLE:
        return (
            _with64(a, a.umin, a.umax, a.smin, min(a.smax, b.smax)),
            _with64(b, b.umin, b.umax, max(a.smin, b.smin), b.smax),
        )
    return (
        _with64(a, a.umin, a.umax, a.smin, min(a.smax, b.smax - 1)),
        _with64(b, b.umin, b.umax, max(a.smin + 1, b.smin), b.smax),
    )
