"""Transfer functions of arithmetic: each instruction becomes one closure over its operands.

A closure takes the current registers and changes them. Results for the same operands are kept in a
small table per instruction, since paths meet the same values again and again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..isa.insn import Insn
from . import bounds, regs
from .arith import OPS32, OPS64, neg32, neg64
from .bounds import Val
from .pointers import pointer_arith
from .regs import ADD_CONST, ADD_CONST32, ADD_CONST64, ANY, BASE, NOT_INIT, SCALAR, STACK, Reg
from .speculation import scalar_arith
from .tnum import U32, U64

if TYPE_CHECKING:
    from .checker import Checker

Step = Callable[[list[Reg]], None]

_OP_TEXT = {
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
_MEMO = 256


def link_source(ck: Checker, reg: Reg, regs_: list[Reg], number: int) -> Reg:
    """Give a scalar that is about to be copied an id, so that both copies learn together.

    Source: kernel ``assign_scalar_id_before_mov``.
    """
    if reg.t != SCALAR:
        return reg
    if reg.id & ADD_CONST:
        reg = Reg(SCALAR, reg.v)
    elif reg.id or not reg.v.m:
        return reg
    if reg.v.m:
        ck.ids += 1
        reg = Reg(SCALAR, reg.v, 0, ck.ids)
    regs_[number] = reg
    return reg


def _uninit(ck: Checker, idx: int, number: int) -> None:
    ck.fail("uninit-reg", f"R{number} !read_ok", idx, number)


def compile_alu(ck: Checker, idx: int, insn: Insn) -> Step:
    """Return the step for an instruction of class ALU or ALU64."""
    op = insn.opcode & 0xF0
    wide = insn.opcode & 7 == isa.ALU64
    if insn.dst == 10:
        return _frame_pointer(ck, idx)
    if op == isa.MOV:
        if insn.opcode & isa.X:
            return _mov_reg(ck, idx, insn, wide)
        return _mov_imm(insn, wide)
    if op == isa.END:
        return _unary(ck, idx, insn, lambda val: bounds.UNKNOWN)
    if op == isa.NEG:
        return _unary(ck, idx, insn, neg64 if wide else neg32)
    if insn.opcode & isa.X:
        return _binary_reg(ck, idx, insn, op, wide)
    return _binary_imm(ck, idx, insn, op, wide)


def _frame_pointer(ck: Checker, idx: int) -> Step:
    def step(regs_: list[Reg]) -> None:
        ck.fail("frame-pointer", "frame pointer is read only", idx, 10)

    return step


def _mov_imm(insn: Insn, wide: bool) -> Step:
    dst = insn.dst
    value = regs.const(insn.imm & U64 if wide else insn.imm & U32)

    def step(regs_: list[Reg]) -> None:
        regs_[dst] = value

    return step


def _mov_reg(ck: Checker, idx: int, insn: Insn, wide: bool) -> Step:
    dst, src, width = insn.dst, insn.src, insn.off

    if wide and width == 1:  # addr_space_cast

        def cast(regs_: list[Reg]) -> None:
            if not ck.arena:
                ck.fail(
                    "reserved", "addr_space_cast insn can only be used in a program that has"
                    " an associated arena", idx,
                )  # fmt: skip
            regs_[dst] = Reg(regs.ARENA) if insn.imm == 1 else ANY

        return cast
    if wide and not width:

        def mov64(regs_: list[Reg]) -> None:
            reg = regs_[src]
            if reg.t == SCALAR:
                if (not reg.id or reg.id & ADD_CONST) and (reg.v.m or reg.id):
                    reg = link_source(ck, reg, regs_, src)
            elif reg.t == NOT_INIT:
                _uninit(ck, idx, src)
            regs_[dst] = reg

        return mov64
    if wide:
        size = width // 8

        def movsx64(regs_: list[Reg]) -> None:
            reg = regs_[src]
            if reg.t == NOT_INIT:
                _uninit(ck, idx, src)
            if reg.t != SCALAR:
                if not ck.leaks:
                    ck.fail("pointer-cast", f"R{src} sign-extension part of pointer", idx, src)
                regs_[dst] = regs.ANY
                return
            if reg.v.umax < 1 << width - 1:
                reg = link_source(ck, reg, regs_, src)
                regs_[dst] = Reg(SCALAR, bounds.extend(reg.v, size), reg.off, reg.id)
            else:
                regs_[dst] = Reg(SCALAR, bounds.extend(reg.v, size))

        return movsx64
    if width:
        size = width // 8

        def movsx32(regs_: list[Reg]) -> None:
            reg = regs_[src]
            if reg.t == NOT_INIT:
                _uninit(ck, idx, src)
            if reg.t != SCALAR:
                regs_[dst] = regs.LOADED[4]
                return
            if reg.v.umax < 1 << width - 1:
                reg = link_source(ck, reg, regs_, src)
                regs_[dst] = Reg(SCALAR, bounds.extend32(reg.v, size), reg.off, reg.id)
            else:
                regs_[dst] = Reg(SCALAR, bounds.extend32(reg.v, size))

        return movsx32

    memo: dict[Val, Val] = {}

    def mov32(regs_: list[Reg]) -> None:
        reg = regs_[src]
        if reg.t != SCALAR:
            if reg.t == NOT_INIT:
                _uninit(ck, idx, src)
            if not ck.leaks:
                ck.fail("pointer-cast", f"R{src} partial copy of pointer", idx, src)
            regs_[dst] = regs.LOADED[4]
            return
        val = reg.v
        if not val.m:
            regs_[dst] = regs.const(val.v & U32)
            return
        if val.umax <= U32:
            reg = link_source(ck, reg, regs_, src)
            low = bounds.low32(val)
            regs_[dst] = reg if low is val else Reg(SCALAR, low, reg.off, reg.id)
            return
        low_ = memo.get(val)
        if low_ is None:
            if len(memo) > _MEMO:
                memo.clear()
            low_ = memo[val] = bounds.low32(val)
        regs_[dst] = Reg(SCALAR, low_)

    return mov32


def _unary(ck: Checker, idx: int, insn: Insn, function: Callable[[Val], Val]) -> Step:
    dst = insn.dst

    def step(regs_: list[Reg]) -> None:
        reg = regs_[dst]
        if reg.t != SCALAR:
            if reg.t == NOT_INIT:
                _uninit(ck, idx, dst)
            if not ck.leaks or insn.opcode & 0xF0 == isa.NEG:
                if not ck.leaks:
                    ck.fail("pointer-op", f"R{dst} pointer arithmetic prohibited", idx, dst)
            regs_[dst] = ANY
            return
        regs_[dst] = regs.scalar(function(reg.v))

    return step


def _binary_imm(ck: Checker, idx: int, insn: Insn, op: int, wide: bool) -> Step:
    dst, imm = insn.dst, insn.imm
    if op in (isa.DIV, isa.MOD) and not imm:
        return _static_fail(ck, idx, "div-zero", "div by zero")
    if op in (isa.LSH, isa.RSH, isa.ARSH) and not 0 <= imm < (64 if wide else 32):
        return _static_fail(ck, idx, "shift", f"invalid shift {imm}")
    function = (OPS64 if wide else OPS32)[op]
    operand = bounds.const(imm)
    operand_reg = regs.const(imm & U64)
    adds = wide and op == isa.ADD
    mark, change = _link(ck, op, wide, imm)
    memo: dict[Val, Val] = {}
    delta = imm if op == isa.ADD else -imm
    moves = wide and op in (isa.ADD, isa.SUB)
    masked = ck.speculative_checks
    add_const = imm & U64

    def step(regs_: list[Reg]) -> None:
        reg = regs_[dst]
        t = reg.t
        if t == SCALAR:
            val = reg.v
            if not val.m and adds:
                regs_[dst] = regs.const(val.v + add_const & U64)
                return
            result = memo.get(val)
            if result is None:
                if len(memo) > _MEMO:
                    memo.clear()
                result = memo[val] = function(val, operand)
            if not result.m:
                regs_[dst] = regs.const(result.v)
            elif mark and reg.id and not reg.id & ADD_CONST:
                regs_[dst] = Reg(SCALAR, result, change, reg.id | mark)
            else:
                regs_[dst] = Reg(SCALAR, result)
            return
        if (
            t == STACK
            and moves
            and not masked
            and op == isa.ADD
            and -(1 << 29) < reg.off + delta < 1 << 29
        ):
            regs_[dst] = Reg(STACK, reg.v, reg.off + delta, reg.id, reg.ref, reg.x, reg.y)
            return
        if t == NOT_INIT:
            _uninit(ck, idx, dst)
        if t & BASE == regs.ARENA:
            return
        pointer_arith(ck, idx, op, wide, dst, reg, operand_reg, True, -1)

    return step


def _link(ck: Checker, op: int, wide: bool, value: int) -> tuple[int, int]:
    """Return the id mark and difference of "the scalar with this id, plus a constant".

    (0, 0) where the kernel forgets the relation. Source: kernel ``adjust_reg_min_max_vals``.
    """
    if ck.kernel < (6, 12) or not ck.capable:
        return 0, 0
    if ck.kernel < (6, 18):
        good = wide and op == isa.ADD and 0 <= value <= 0x7FFFFFFF
        return (ADD_CONST64, value) if good else (0, 0)
    if op not in (isa.ADD, isa.SUB) or not bounds.S32_MIN <= value <= bounds.S32_MAX:
        return 0, 0
    if op == isa.SUB:
        if value == bounds.S32_MIN:
            return 0, 0
        value = -value
    return (ADD_CONST64 if wide else ADD_CONST32), value


def _static_fail(ck: Checker, idx: int, rule: str, kernel: str) -> Step:
    def step(regs_: list[Reg]) -> None:
        ck.fail(rule, kernel, idx)

    return step


def _binary_reg(ck: Checker, idx: int, insn: Insn, op: int, wide: bool) -> Step:
    dst, src = insn.dst, insn.src
    function = (OPS64 if wide else OPS32)[op]
    memo: dict[tuple[Val, Val], Val] = {}
    masked = ck.speculative_checks

    def step(regs_: list[Reg]) -> None:
        a, b = regs_[dst], regs_[src]
        if a.t == SCALAR and b.t == SCALAR:
            if masked:
                scalar_arith(ck, idx, op, dst)
            key = (a.v, b.v)
            result = memo.get(key)
            if result is None:
                if len(memo) > _MEMO:
                    memo.clear()
                result = memo[key] = function(a.v, b.v)
            if not result.m:
                regs_[dst] = regs.const(result.v)
                return
            if a.id and not a.id & ADD_CONST:
                known = not b.v.m if wide else not b.v.m & U32
                value = bounds.signed64(b.v.v) if wide else bounds.signed32(b.v.v)
                mark, change = _link(ck, op, wide, value) if known else (0, 0)
                if mark:
                    regs_[dst] = Reg(SCALAR, result, change, a.id | mark)
                    return
            regs_[dst] = Reg(SCALAR, result)
            return
        if b.t == NOT_INIT:
            _uninit(ck, idx, src)
        if a.t == NOT_INIT:
            _uninit(ck, idx, dst)
        if a.t & BASE == regs.ARENA:
            return
        if a.t != SCALAR and b.t != SCALAR:
            if op == isa.SUB and ck.leaks:
                regs_[dst] = ANY
                return
            ck.fail(
                "pointer-pair", f"R{dst} pointer {_OP_TEXT[op]} pointer prohibited", idx, dst,
                op=_OP_TEXT[op].rstrip("="), other=src,
            )  # fmt: skip
        if a.t == SCALAR:
            ck.precise(dst, idx)
            pointer_arith(ck, idx, op, wide, dst, b, a, False, src)
        else:
            ck.precise(src, idx)
            pointer_arith(ck, idx, op, wide, dst, a, b, True, src)

    return step
