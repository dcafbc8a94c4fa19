"""Pointer plus number: which sums exist, and what is known of them.

Source: kernel ``adjust_ptr_min_max_vals`` and ``check_reg_sane_offset``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..isa import insn as isa
from . import bounds, regs, speculation, tnum
from .bounds import S32_MAX, S32_MIN, S64_MAX, S64_MIN, Val
from .regs import BASE, MAYBE_NULL, UNTRUSTED, Reg, type_name
from .tnum import U32, U64

if TYPE_CHECKING:
    from .checker import Checker

MAX_VAR_OFF = 1 << 29

_MOVABLE = frozenset(
    {
        regs.CTX,
        regs.MAP_VALUE,
        regs.MAP_KEY,
        regs.STACK,
        regs.PKT_META,
        regs.PKT,
        regs.TP_BUFFER,
        regs.BTF_ID,
        regs.MEM,
        regs.BUF,
        regs.FUNC,
        regs.DYNPTR,
    }
)
_TEXT = {
    isa.ADD: "+=",
    isa.SUB: "-=",
    isa.MUL: "*=",
    isa.DIV: "/=",
    isa.OR: "|=",
    isa.AND: "&=",
    isa.LSH: "<<=",
    isa.RSH: ">>=",
    isa.MOD: "%=",
    isa.XOR: "^=",
    isa.ARSH: "s>>=",
}


def is_packet(reg: Reg) -> bool:
    """Tell whether ``reg`` points into packet data or metadata."""
    return reg.t in (regs.PKT, regs.PKT_META)


def _sane(ck: Checker, idx: int, number: int, reg: Reg, kind: int) -> None:
    val = reg.v
    name = type_name(kind)
    if not val.m:
        value = bounds.signed64(val.v)
        if not -MAX_VAR_OFF < value < MAX_VAR_OFF:
            ck.fail(
                "pointer-constant", f"math between {name} pointer and {value} is not allowed",
                idx, number, value=value, kind=kind,
            )  # fmt: skip
    if reg.t != regs.SCALAR and not -MAX_VAR_OFF < reg.off < MAX_VAR_OFF:
        ck.fail(
            "pointer-range", f"{name} pointer offset {reg.off} is not allowed", idx, number,
            value=reg.off, kind=kind,
        )  # fmt: skip
    if val.smin == S64_MIN:
        ck.fail(
            "unbounded-index", f"math between {name} pointer and register with unbounded min"
            " value is not allowed", idx, number, val=val, kind=kind,
        )  # fmt: skip
    if not -MAX_VAR_OFF < val.smin < MAX_VAR_OFF:
        ck.fail(
            "pointer-range", f"value {val.smin} makes {name} pointer be out of bounds", idx,
            number, value=val.smin, kind=kind,
        )  # fmt: skip


def pointer_arith(
    ck: Checker,
    idx: int,
    op: int,
    wide: bool,
    dst: int,
    ptr: Reg,
    num: Reg,
    ptr_is_dst: bool,
    src: int,
) -> None:
    """Set register ``dst`` to ``ptr`` moved by ``num``, or reject.

    ``src`` is the source register, -1 for a constant; ``ptr_is_dst`` tells which operand the
    pointer was.
    """
    registers = ck.frame.regs
    number = src if ptr_is_dst else dst
    val = num.v
    if val.smin > val.smax or val.umin > val.umax:
        registers[dst] = regs.ANY
        return
    known = not val.m
    pnum = dst if ptr_is_dst else src
    if not wide:
        if op == isa.SUB and ck.leaks:
            registers[dst] = regs.ANY
            return
        ck.fail(
            "pointer-op", f"R{dst} 32-bit pointer arithmetic prohibited", idx, pnum, op="32-bit",
        )  # fmt: skip
    kind = ptr.t
    base = kind & BASE
    if kind & MAYBE_NULL:
        ck.fail(
            "null-arith", f"R{dst} pointer arithmetic on {type_name(kind)} prohibited,"
            " null-check it first", idx, pnum, kind=kind,
        )  # fmt: skip
    if base == regs.MEM and kind & UNTRUSTED:
        if not ptr_is_dst:
            registers[dst] = ptr
        return
    if base not in _MOVABLE and not (
        (base == regs.FLOW_KEYS and known)
        or (base in (regs.MAP_PTR, regs.FLOW_KEYS) and known and not val.v and op == isa.ADD)
    ):
        ck.fail(
            "pointer-kind", f"R{dst} pointer arithmetic on {type_name(kind)} prohibited", idx,
            pnum, kind=kind, op=_TEXT[op],
        )  # fmt: skip
    _sane(ck, idx, number, num, kind)
    _sane(ck, idx, pnum, ptr, kind)
    window = None
    if ck.speculative_checks:
        window = speculation.before_arith(ck, idx, op, dst, src, ptr, num, ptr_is_dst)
    if op == isa.ADD:
        new = _added(ck, ptr, val, known)
    elif op == isa.SUB:
        if not ptr_is_dst:
            ck.fail("pointer-op", f"R{dst} tried to subtract pointer from scalar", idx, dst, op="-")
        if base == regs.STACK:
            ck.fail(
                "pointer-op", f"R{dst} subtraction from stack pointer prohibited", idx, dst,
                op="-",
            )  # fmt: skip
        new = _subtracted(ck, ptr, val, known)
    elif op in (isa.AND, isa.OR, isa.XOR):
        ck.fail(
            "pointer-op", f"R{dst} bitwise operator {_TEXT[op]} on pointer prohibited", idx, pnum,
            op=_TEXT[op].rstrip("="),
        )  # fmt: skip
    else:
        ck.fail(
            "pointer-op", f"R{dst} pointer arithmetic with {_TEXT[op]} operator prohibited", idx,
            pnum, op=_TEXT[op].rstrip("="),
        )  # fmt: skip
    _sane(ck, idx, number if number >= 0 else dst, new, kind)
    registers[dst] = new
    if ck.speculative_checks:
        speculation.after_arith(ck, idx, op, dst, new, window)


def _synced(v: int, m: int, smin: int, smax: int, umin: int, umax: int) -> Val:
    return bounds.sync(v, m, smin, smax, umin, umax, S32_MIN, S32_MAX, 0, U32)


def _added(ck: Checker, ptr: Reg, val: Val, known: bool) -> Reg:
    if known:
        off = ptr.off + val.smin
        if S32_MIN <= off <= S32_MAX:
            return Reg(ptr.t, ptr.v, off, ptr.id, ptr.ref, ptr.x, ptr.y)
    p = ptr.v
    smin, smax = p.smin + val.smin, p.smax + val.smax
    if smin < S64_MIN or smin > S64_MAX or smax < S64_MIN or smax > S64_MAX:
        smin, smax = S64_MIN, S64_MAX
    umin, umax = p.umin + val.umin, p.umax + val.umax
    if umin > U64 or umax > U64:
        umin, umax = 0, U64
    v, m = tnum.add(p.v, p.m, val.v, val.m)
    new = _synced(v, m, smin, smax, umin, umax)
    if is_packet(ptr):
        ck.ids += 1
        return Reg(ptr.t, new, ptr.off, ck.ids, ptr.ref, 0, ptr.y)
    return Reg(ptr.t, new, ptr.off, ptr.id, ptr.ref, ptr.x, ptr.y)


def _subtracted(ck: Checker, ptr: Reg, val: Val, known: bool) -> Reg:
    if known:
        off = ptr.off - val.smin
        if S32_MIN <= off <= S32_MAX:
            return Reg(ptr.t, ptr.v, off, ptr.id, ptr.ref, ptr.x, ptr.y)
    p = ptr.v
    smin, smax = p.smin - val.smax, p.smax - val.smin
    if smin < S64_MIN or smin > S64_MAX or smax < S64_MIN or smax > S64_MAX:
        smin, smax = S64_MIN, S64_MAX
    if p.umin < val.umax:
        umin, umax = 0, U64
    else:
        umin, umax = p.umin - val.umax, p.umax - val.umin
    v, m = tnum.sub(p.v, p.m, val.v, val.m)
    new = _synced(v, m, smin, smax, umin, umax)
    if is_packet(ptr):
        ck.ids += 1
        reach = 0 if val.smin < 0 else ptr.x
        return Reg(ptr.t, new, ptr.off, ck.ids, ptr.ref, reach, ptr.y)
    return Reg(ptr.t, new, ptr.off, ptr.id, ptr.ref, ptr.x, ptr.y)
