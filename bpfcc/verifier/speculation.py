"""What programs without CAP_PERFMON must respect, since the processor may run ahead of a test.

The kernel masks pointer arithmetic by a register and follows the branch that cannot be taken, as the
processor may; since 6.16 what would be unsafe there is cured by a barrier and not refused.
Source: kernel ``sanitize_ptr_alu``, ``sanitize_check_bounds``, ``sanitize_speculative_path``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..isa import insn as isa
from . import regs
from .bounds import Val
from .regs import BASE, Reg
from .subject import MapInfo

if TYPE_CHECKING:
    from .checker import Checker
    from .state import State

_STACK_SIZE = 512
_U32 = (1 << 32) - 1
_END = "pointer arithmetic with it prohibited for !root"
_NEGATIVE, _IMMEDIATE, _POINTER_IN_SRC, _NON_POINTER = 1, 2, 4, 8
HARD = frozenset({"too-large", "too-complex", "infinite-loop"})
"""Rules that end the analysis even on a path that only the processor's guesses take."""


class Window:
    """What the first look at an addition found: kind and limit of the mask, and its direction."""

    __slots__ = ("kind", "left", "limit")

    def __init__(self, kind: int, limit: int, left: bool) -> None:
        self.kind = kind
        self.limit = limit
        self.left = left


def _limit(ck: Checker, idx: int, op: int, dst: int, who: int, ptr: Reg, left: bool) -> int:
    base = ptr.t & BASE
    if base == regs.STACK:
        high = _STACK_SIZE + left
        limit = -(ptr.v.v + ptr.off)
    elif base == regs.MAP_VALUE:
        info = ptr.x
        assert isinstance(info, MapInfo)
        high = info.value_size
        limit = (ptr.v.smin if left else ptr.v.umax) + ptr.off
    else:
        ck.fail(
            "unprivileged", f"R{who} has pointer with unsupported alu operation, {_END}", idx, who,
        )  # fmt: skip
    limit &= _U32
    if limit >= high:
        word = "add" if op == isa.ADD else "sub"
        ck.fail(
            "unprivileged", f"R{dst} tried to {word} beyond pointer bounds, {_END}", idx, dst,
        )  # fmt: skip
    return limit


def _note(ck: Checker, idx: int, op: int, dst: int, kind: int, limit: int) -> None:
    known = ck.masks.get(idx)
    if known is not None and known != (kind, limit):
        word = "add" if op == isa.ADD else "sub"
        ck.fail(
            "unprivileged", f"R{dst} tried to {word} from different maps, paths or scalars,"
            f" {_END}", idx, dst,
        )  # fmt: skip
    ck.masks[idx] = (kind, limit)


def scalar_arith(ck: Checker, idx: int, op: int, dst: int) -> None:
    """Note an addition of two numbers by an instruction that may also see a pointer."""
    if op in (isa.ADD, isa.SUB) and idx not in ck.barriers:
        _note(ck, idx, op, dst, _NON_POINTER, 0)


def before_arith(
    ck: Checker, idx: int, op: int, dst: int, src: int, ptr: Reg, num: Reg, ptr_is_dst: bool
) -> Window | None:
    """Check ``ptr`` moved by ``num``; None when nothing has to be masked.

    ``src``: the source register, -1 for a constant (which needs no mask).
    """
    if src < 0 or op not in (isa.ADD, isa.SUB) or idx in ck.barriers:
        return None
    val: Val = num.v
    negative = val.smin < 0
    found = None
    if not ck.state.speculative:
        who = src if ptr_is_dst else dst
        if val.m and negative != (val.smax < 0):
            ck.fail(
                "unprivileged", f"R{who} has unknown scalar with mixed signed bounds, {_END}", idx,
                who, val=val,
            )  # fmt: skip
        left = negative if op == isa.ADD else not negative
        limit = _limit(ck, idx, op, dst, dst if ptr_is_dst else src, ptr, left)
        kind = (_NEGATIVE if negative else 0) | (_IMMEDIATE if not val.m else 0)
        if ptr_is_dst:
            kind |= _POINTER_IN_SRC
        if val.m:
            ck.strict_scalars = True
        found = Window(kind, limit, left)
    if val.m:
        registers = ck.frame.regs
        kept = registers[dst]
        registers[dst] = ptr
        push(ck, idx + 1, idx)
        registers[dst] = kept
    return found


def after_arith(ck: Checker, idx: int, op: int, dst: int, new: Reg, window: Window | None) -> None:
    """Check where the pointer points after it was moved."""
    base = new.t & BASE
    if base == regs.STACK:
        if new.v.m:
            ck.fail(
                "unprivileged", f"R{dst} variable stack access prohibited for !root, var_off="
                f"({new.v.v:#x}; {new.v.m:#x}) off={new.off + new.v.v}", idx, dst,
            )  # fmt: skip
        at = new.off + new.v.smin
        if not -_STACK_SIZE <= at < 0:
            ck.fail(
                "unprivileged", f"R{dst} stack pointer arithmetic goes out of range, prohibited"
                f" for !root; off={at}", idx, dst,
            )  # fmt: skip
    elif base == regs.MAP_VALUE:
        info = new.x
        assert isinstance(info, MapInfo)
        low, high = new.v.smin + new.off, new.v.umax + new.off
        touched = any(low < field.off + field.size and field.off <= high for field in info.fields)
        if low < 0 or high >= info.value_size or touched:
            ck.fail(
                "unprivileged", f"R{dst} pointer arithmetic of map value goes out of range,"
                " prohibited for !root", idx, dst,
            )  # fmt: skip
    if window is not None:
        limit = _limit(ck, idx, op, dst, dst, new, window.left)
        _note(ck, idx, op, dst, window.kind, abs(window.limit - limit))


def push(ck: Checker, idx: int, prev: int) -> State:
    """Queue the path that the processor may try although it is not taken."""
    other = ck.push(idx, prev)
    other.speculative = True
    return other


def push_untaken(ck: Checker, idx: int, prev: int, dst: int, src: int) -> None:
    """Queue the branch that the test at ``prev`` rules out; what it compared is not known there."""
    other = push(ck, idx, prev)
    there = other.frames[-1].regs
    there[dst] = regs.ANY
    if src >= 0:
        there[src] = regs.ANY
