"""Dynamic pointers: two stack slots that only helpers and kfuncs may read or set.

Source: kernel ``process_dynptr_func``, ``mark_stack_slots_dynptr``,
``destroy_if_dynptr_stack_slot``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import regs, stack
from .bounds import signed64
from .checker import frame_of
from .liveness import mark_read, mark_written
from .regs import BASE, DYN_ANY, DYN_RINGBUF, Reg
from .state import DYNPTR, Frame, Slot, Special

if TYPE_CHECKING:
    from .checker import Checker

_NAMES = {
    regs.DYN_LOCAL: "local",
    regs.DYN_RINGBUF: "ringbuf",
    regs.DYN_SKB: "skb",
    regs.DYN_XDP: "xdp",
    regs.DYN_SKB_META: "skb_meta",
}


def special_at(
    ck: Checker, idx: int, number: int, reg: Reg, what: str, slots: int
) -> tuple[Frame, int]:
    """Return the frame and first (highest) slot index of an object of ``slots`` slots at ``reg``.

    Source: kernel ``stack_slot_obj_get_spi``.
    """
    if reg.v.m:
        ck.fail("special-pointer", f"{what} has to be at a constant offset", idx, number, what=what)
    off = reg.off + signed64(reg.v.v)
    if off % 8:
        ck.fail("special-pointer", f"cannot pass in {what} at an offset={off}", idx, number,
                what=what)  # fmt: skip
    spi = (-off - 1) >> 3
    if spi + 1 < slots or off >= 0 or off < -512:
        ck.fail("special-pointer", f"cannot pass in {what} at an offset={off}", idx, number,
                what=what)  # fmt: skip
    return frame_of(ck, reg), spi


def destroy(ck: Checker, frame: Frame, spi: int) -> None:
    """Forget the unreferenced dynptr that slot ``spi`` is part of, and its slices."""
    item = frame.stack[spi]
    assert isinstance(item, Slot) and isinstance(item.reg, Special)
    first = spi if item.reg.first else spi + 1
    number = item.reg.id
    for slot in (first, first - 1):
        frame.stack[slot] = None
    mark_written(ck, frame.number, 1 << first | 1 << first - 1)
    gone = ck.invalid()
    ck.rewrite(lambda reg: gone if reg.t & BASE == regs.MEM and number and reg.y == number else reg)


def process(
    ck: Checker, idx: int, number: int, *, uninit: bool = False, wanted: int = 0,
    mutates: bool = False, argument: int | None = None, clone_of: Special | None = None,
    rdonly: bool = False,
) -> Special | None:  # fmt: skip
    """Check dynptr argument register ``number``; set it up where ``uninit``.

    ``wanted``: the dynptr's kind flag, 0 for any. Returns the dynptr's record.
    """
    reg = ck.frame.regs[number]
    at = number - 1 if argument is None else argument
    if reg.t not in (regs.STACK, regs.DYNPTR):
        ck.fail(
            "dynptr-arg", f"arg#{at} expected pointer to stack or const struct bpf_dynptr", idx,
            number, argument=at,
        )  # fmt: skip
    if uninit:
        if reg.t == regs.DYNPTR:
            ck.fail("dynptr-arg", "Dynptr has to be an uninitialized dynptr", idx, number,
                    argument=at)  # fmt: skip
        frame, spi = special_at(ck, idx, number, reg, "dynptr", 2)
        off = reg.off
        stack.check_range(ck, idx, number, reg, off, 16, " write to")
        for slot in (spi, spi - 1):
            item = frame.stack[slot]
            if stack.is_special(item, DYNPTR):
                assert isinstance(item, Slot) and isinstance(item.reg, Special)
                if item.reg.ref:
                    ck.fail("special-overwrite", "cannot overwrite referenced dynptr", idx,
                            number, what="dynptr")  # fmt: skip
                destroy(ck, frame, slot)
        return _set(ck, idx, frame, spi, wanted, clone_of, rdonly)
    if reg.t == regs.DYNPTR:
        if mutates:
            ck.fail(
                "dynptr-arg", "cannot pass pointer to const bpf_dynptr, the helper mutates it",
                idx, number, argument=at,
            )  # fmt: skip
        kind = reg.x
        record = Special(kind, True, reg.ref, reg.id)
    else:
        record = found(ck, idx, number, reg, at)
    if wanted and record.kind != wanted:
        ck.fail(
            "dynptr-arg", f"Expected a dynptr of type {_NAMES.get(wanted, '?')} as arg #{at}", idx,
            number, argument=at,
        )  # fmt: skip
    return record


def found(ck: Checker, idx: int, number: int, reg: Reg, at: int) -> Special:
    """Return the record of the initialised dynptr that ``reg`` points to."""
    frame, spi = special_at(ck, idx, number, reg, "dynptr", 2)
    item = frame.stack[spi] if spi < len(frame.stack) else None
    if (
        not stack.is_special(item, DYNPTR)
        or not stack.is_special(frame.stack[spi - 1], DYNPTR)
        or not isinstance(item, Slot)
        or not isinstance(item.reg, Special)
        or not item.reg.first
    ):
        ck.fail(
            "dynptr-arg", f"Expected an initialized dynptr as arg #{at}", idx, number, argument=at
        )
    mark_read(ck, frame.number, idx, 1 << spi | 1 << spi - 1)
    return item.reg


def _set(
    ck: Checker, idx: int, frame: Frame, spi: int, kind: int, clone_of: Special | None,
    rdonly: bool,
) -> Special:  # fmt: skip
    ref = 0
    if clone_of is not None:
        ref = clone_of.ref
        assert isinstance(clone_of.kind, int)
        kind = clone_of.kind
    elif kind == DYN_RINGBUF:
        ref = ck.acquire(idx)
    number = ck.new_id()
    kinds = bytes([DYNPTR] * 8)
    record = Special(kind, True, ref, number, rdonly=rdonly)
    frame.stack[spi] = Slot(kinds, record)
    frame.stack[spi - 1] = Slot(kinds, Special(kind, False, ref, number, rdonly=rdonly))
    mark_written(ck, frame.number, 1 << spi | 1 << spi - 1)
    return record


def release(ck: Checker, idx: int, number: int) -> None:
    """Release the referenced dynptr argument; its clones go with it."""
    reg = ck.frame.regs[number]
    frame, spi = special_at(ck, idx, number, reg, "dynptr", 2)
    item = frame.stack[spi]
    assert isinstance(item, Slot) and isinstance(item.reg, Special)
    ref = item.reg.ref
    if not ref:
        ck.fail("release", f"arg {number} is an unacquired reference", idx, number)
    ck.release(ref)
    gone = ck.invalid()
    for some in ck.state.frames:
        for slot, one in enumerate(some.stack):
            if isinstance(one, Slot) and isinstance(one.reg, Special) and one.reg.ref == ref:
                if one.kinds[0] == DYNPTR:
                    some.stack[slot] = None
                    mark_written(ck, some.number, 1 << slot)
                    number_ = one.reg.id
                    ck.rewrite(
                        lambda r, n=number_: (
                            gone  # type: ignore[misc]
                            if r.t & BASE == regs.MEM and r.y == n
                            else r
                        )
                    )


def slice_flags(record: Special) -> int:
    """Return the register flags that a slice of the dynptr carries."""
    kind = record.kind
    return kind & DYN_ANY if isinstance(kind, int) else 0
