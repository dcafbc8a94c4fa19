"""Selection of calls, legacy packet loads and returns: what uses fixed registers.

Arguments go to r1..r5, the result comes in r0, r0..r5 do not survive (RFC 9669 section 2). The
moves into argument registers stand directly before the call, values before constants, so that fixed
registers are busy only for a moment. Constants, addresses of the frame and of symbols are made in
the argument register itself.

ABI for narrow integers: helpers and kernel functions get them extended by zeros (the kernel
verifier looks at all 64 bits of a size); functions of the program get and return the low bits only.
"""

from __future__ import annotations

from ..ir.module import FuncRef, HelperRef, KfuncRef
from ..ir.values import VOID, Const, CoreConst, Instr, Symbol, Undef, Value
from ..isa import insn as _i
from .mir import (
    ARG_REGS,
    CALL,
    EXIT,
    MOV64,
    MOV64_IMM,
    STOP,
    VOID_EXIT,
    CallInfo,
)
from .selector import Selector
from .widths import ANY


def call(s: Selector, instr: Instr) -> None:
    """Select a call of a helper, a function of this program or a kernel function."""
    callee = instr.attrs["callee"]
    if len(instr.args) > len(ARG_REGS):
        raise s.unsupported(f"call with {len(instr.args)} arguments", instr)
    _arguments(s, instr)
    if isinstance(callee, HelperRef):
        insn = s.emit(CALL, 0, 0, 0, callee.id)
        insn.extra = CallInfo(len(instr.args))
    else:
        src = _i.PSEUDO_KFUNC_CALL if isinstance(callee, KfuncRef) else _i.PSEUDO_CALL
        assert isinstance(callee, (FuncRef, KfuncRef))
        insn = s.emit(CALL, 0, src, 0, -1)
        insn.extra = CallInfo(len(instr.args), callee.name)
    if instr in s.regs and instr.type is not VOID:
        dst = s.result(instr)
        s.emit(MOV64, dst, 0)
        s.define(instr, dst)


def _arguments(s: Selector, instr: Instr) -> None:
    """Move the arguments to their registers."""
    late: list[tuple[int, Value]] = []
    moves: list[tuple[int, int]] = []
    for i, arg in enumerate(instr.args):
        root = s.root(arg)
        if (
            isinstance(root, (Const, Symbol, CoreConst, Undef))
            or (isinstance(root, Instr) and root.op == "alloca")
            or (_frame_sum(s, root) is not None and not s.is_live(root))
        ):
            late.append((i, root))
        else:
            moves.append((ARG_REGS[i], s.operand(instr, i)))
    for reg, src in moves:
        s.emit(MOV64, reg, src)
    for i, value in late:
        _late_argument(s, ARG_REGS[i], value, zero=s.widths.demand(instr, i) != ANY)


def _frame_sum(s: Selector, value: Value) -> tuple[Instr, int] | None:
    """Read ``value`` as alloca + constant, if it is that."""
    off = 0
    while isinstance(value, Instr) and value.op == "ptradd":
        step = value.args[1]
        if not isinstance(step, Const):
            return None
        off += step.signed
        value = s.root(value.args[0])
    if isinstance(value, Instr) and value.op == "alloca":
        return value, off
    return None


def _late_argument(s: Selector, reg: int, value: Value, *, zero: bool) -> None:
    place = _frame_sum(s, value)
    if place is not None:
        s.address_of(reg, s.slot(place[0]), place[1])
    elif isinstance(value, Const) and (zero or value.type.bits < 32):
        s.load_constant(reg, value.value)
    else:
        s.constant(reg, value)


def ld_pkt(s: Selector, instr: Instr) -> None:
    """Select LD_ABS / LD_IND: the context in r6, the result in r0, big-endian data converted."""
    ctx, index = instr.args
    size = _i.BYTES_SIZE[instr.attrs["size"]]
    off = instr.attrs["off"]
    if isinstance(index, Const):
        off = (off + index.value) & 0xFFFFFFFF
        off -= (off & 0x80000000) << 1
        s.emit(MOV64, 6, s.reg(ctx))
        s.emit(_i.LD | _i.ABS | size, 0, 0, 0, off)
    else:
        src = s.operand(instr, 1)
        s.emit(MOV64, 6, s.reg(ctx))
        s.emit(_i.LD | _i.IND | size, 0, src, 0, off)
    if instr in s.regs:
        dst = s.result(instr)
        s.emit(MOV64, dst, 0)
        s.define(instr, dst)


def ret(s: Selector, instr: Instr) -> None:
    """Select the end of the function.

    A program that returns nothing returns 0: the kernel wants r0 to hold a number at the exit of a
    program and of a global function. A naked function returns in its assembly.
    """
    if s.function.naked:
        s.emit(STOP)
        return
    if instr.args:
        value = s.root(instr.args[0])
        if isinstance(value, (Const, CoreConst, Symbol, Undef)):
            s.constant(0, value)
        else:
            s.emit(MOV64, 0, s.reg(value))
        s.emit(EXIT, 0, 0)
        return
    function = s.function
    if function.section == ".text" and (function.linkage == "static" or function.hidden):
        s.emit(EXIT, 0, 0).extra = VOID_EXIT
    else:
        s.emit(MOV64_IMM, 0, imm=0)
        s.emit(EXIT, 0, 0)


def unreachable(s: Selector, instr: Instr) -> None:
    """Select what control never reaches; the kernel still wants an instruction that ends there."""
    s.emit(STOP)
