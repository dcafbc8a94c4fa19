"""Open-coded iterators: bpf_iter_NAME_new, _next, _destroy on stack slots.

Source: kernel ``process_iter_arg``, ``mark_stack_slots_iter``, ``process_iter_next_call``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..uapi.kfuncs import Kfunc
from . import btfwalk, regs, stack
from .branch import not_null
from .dynptrs import special_at
from .liveness import mark_read, mark_written
from .regs import Reg
from .state import ITER, Frame, Slot, Special, State

if TYPE_CHECKING:
    from .checker import Checker

ACTIVE, DRAINED = 1, 2


class Use:
    """An iterator argument: frame number, first slot, slots; whether its items need RCU."""

    __slots__ = ("frame", "rcu", "slots", "spi")

    def __init__(self, frame: int, spi: int, slots: int, rcu: bool) -> None:
        self.frame = frame
        self.spi = spi
        self.slots = slots
        self.rcu = rcu


def argument(ck: Checker, idx: int, kfunc: Kfunc, number: int, kind: str) -> Use:
    """Check iterator argument register ``number`` and carry out new or destroy."""
    _, name, size = kind.split(":")
    slots = int(size) // 8
    reg = ck.frame.regs[number]
    if reg.t != regs.STACK:
        ck.fail(
            "iterator", f"arg#{number - 1} expected pointer to an iterator on stack", idx, number,
            name=name,
        )  # fmt: skip
    frame, spi = special_at(ck, idx, number, reg, "iter", slots)
    if "iter_new" in kfunc.flags:
        return _new(ck, idx, kfunc, number, reg, frame, spi, slots, name)
    first = frame.stack[spi] if spi < len(frame.stack) else None
    good = True
    for slot in range(spi, spi - slots, -1):
        item = frame.stack[slot] if 0 <= slot < len(frame.stack) else None
        if (
            not stack.is_special(item, ITER)
            or not isinstance(item, Slot)
            or not isinstance(item.reg, Special)
            or item.reg.kind != name
            or item.reg.first != (slot == spi)
        ):
            good = False
    if not good:
        ck.fail(
            "iterator", f"expected an initialized iter_{name} as arg #{number - 1}", idx, number,
            name=name,
        )  # fmt: skip
    assert isinstance(first, Slot) and isinstance(first.reg, Special)
    mask = 0
    for slot in range(spi, spi - slots, -1):
        mask |= 1 << slot
    mark_read(ck, frame.number, idx, mask)
    rcu = bool(first.reg.trusted)
    if rcu and not btfwalk.in_rcu(ck):
        ck.fail("iterator", f"expected an RCU CS when using {kfunc.name}", idx, number, name=name)
    if "iter_destroy" in kfunc.flags:
        ck.drop_ref(first.reg.ref)
        for slot in range(spi, spi - slots, -1):
            frame.stack[slot] = None
            mark_written(ck, frame.number, 1 << slot)
    return Use(frame.number, spi, slots, rcu)


def _new(
    ck: Checker, idx: int, kfunc: Kfunc, number: int, reg: Reg, frame: Frame, spi: int, slots: int,
    name: str,
) -> Use:  # fmt: skip
    rcu = "rcu_protected" in kfunc.flags
    if rcu and not btfwalk.in_rcu(ck):
        ck.fail(
            "iterator", f"kernel func {kfunc.name} requires RCU critical section protection", idx,
            number, name=name,
        )  # fmt: skip
    for slot in range(spi, spi - slots, -1):
        item = frame.stack[slot] if slot < len(frame.stack) else None
        if stack.is_special(item, ITER):
            ck.fail(
                "iterator", f"expected uninitialized iter_{name} as arg #{number - 1}", idx,
                number, name=name,
            )  # fmt: skip
    stack.check_range(ck, idx, number, reg, reg.off, slots * 8, " write to")
    for slot in range(spi, spi - slots, -1):
        if isinstance(frame.stack[slot], Slot) and frame.stack[slot].kinds[0] >= 4:  # type: ignore[union-attr]
            stack._destroy_special(ck, idx, frame, slot)
    ref = ck.acquire(idx)
    kinds = bytes([ITER] * 8)
    for slot in range(spi, spi - slots, -1):
        frame.stack[slot] = Slot(
            kinds, Special(name, slot == spi, ref, state=ACTIVE, trusted=int(rcu))
        )
        mark_written(ck, frame.number, 1 << slot)
    return Use(frame.number, spi, slots, rcu)


def _record(state: State, use: Use) -> Special:
    item = state.frames[use.frame].stack[use.spi]
    assert isinstance(item, Slot) and isinstance(item.reg, Special)
    return item.reg


def _set(state: State, use: Use, turn: int, depth: int) -> None:
    slots = state.frames[use.frame].stack
    for slot in range(use.spi, use.spi - use.slots, -1):
        item = slots[slot]
        assert isinstance(item, Slot) and isinstance(item.reg, Special)
        old = item.reg
        slots[slot] = Slot(
            item.kinds,
            Special(old.kind, old.first, old.ref, old.id, turn, depth, trusted=old.trusted),
        )


def next_turn(ck: Checker, idx: int, use: Use, following: int) -> None:
    """``_next`` was called: queue the turn with an item, go on with the one without."""
    state = ck.state
    record = _record(state, use)
    if record.state == ACTIVE:
        parent = state.parent
        previous = ck.previous_entry(parent.parent if parent is not None else None, idx)
        queued = ck.push(following, idx)
        _set(queued, use, ACTIVE, record.depth + 1)
        if previous is not None:
            ck.widen(previous, queued)
        registers = queued.frames[-1].regs
        registers[0] = not_null(registers[0])
        if not registers[0].ref:
            r0 = registers[0]
            registers[0] = Reg(r0.t, r0.v, r0.off, 0, 0, r0.x, r0.y)
    _set(state, use, DRAINED, record.depth)
    ck.frame.regs[0] = regs.NULL


__all__ = ["ACTIVE", "DRAINED", "Use", "argument", "next_turn"]
