"""Loads and stores of the stack: spilled registers, zero and plain bytes.

Source: kernel ``check_stack_write_fixed_off``, ``check_stack_read_fixed_off`` and their
variable-offset kin, ``check_stack_range_initialized``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import bounds, regs, tnum
from .alu import link_source
from .bounds import signed64
from .checker import frame_of
from .liveness import mark_read, mark_written
from .regs import ADD_CONST, NOT_INIT, SCALAR, Reg
from .state import (
    ACCESS,
    DYNPTR,
    INVALID,
    INVALID_KINDS,
    ITER,
    MISC,
    MISC_SLOT,
    SPILL,
    SPILL_KINDS,
    ZERO,
    ZERO_SLOT,
    Frame,
    Slot,
    Special,
)

if TYPE_CHECKING:
    from .checker import Checker

MAX_STACK = 512


def kinds_of(item: Reg | Slot | None) -> bytes:
    """Return what the eight bytes of a stack slot hold, lowest address first."""
    if item is None:
        return INVALID_KINDS
    if item.__class__ is Slot:
        return item.kinds
    return SPILL_KINDS


def _set_kinds(frame: Frame, spi: int, kinds: bytes, reg: Reg | None = None) -> None:
    if reg is None:
        if kinds == MISC_SLOT.kinds:
            frame.stack[spi] = MISC_SLOT
            return
        if kinds == ZERO_SLOT.kinds:
            frame.stack[spi] = ZERO_SLOT
            return
        if kinds == INVALID_KINDS:
            frame.stack[spi] = None
            return
    elif kinds == SPILL_KINDS:
        frame.stack[spi] = reg
        return
    frame.stack[spi] = Slot(kinds, reg)


def spilled(item: Reg | Slot | None) -> Reg | None:
    """Return the register spilled in a slot (whole or in part), or None."""
    if type(item) is Reg:
        return item
    if type(item) is Slot and item.kinds[0] == SPILL and type(item.reg) is Reg:
        return item.reg
    return None


def width(reg: Reg) -> int:
    """Return how many bits the value of a scalar needs."""
    return reg.v.umax.bit_length()


# Bounds --------------------------------------------------------------------------------------


def check_range(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, what: str
) -> Frame:
    """Reject an access outside the frame; make the frame cover it.

    ``what`` is the kernel's word: " write to", " read from", " indirect access to".
    """
    frame = frame_of(ck, reg)
    val = reg.v
    variable = bool(val.m)
    if not variable:
        low = signed64(val.v) + off
        high = low + size
    else:
        if val.smax >= 1 << 29 or val.smin <= -(1 << 29):
            ck.fail(
                "stack-unbounded", f"invalid unbounded variable-offset{what} stack R{number}", idx,
                number, val=val, off=off, size=size,
            )  # fmt: skip
        low = val.smin + off
        high = val.smax + off + size
    lowest = -MAX_STACK
    if what != " write to" and not ck.uninit_stack:
        lowest = -8 * len(frame.stack)
    if low < lowest or low > -1 or high > 0 or size < 0:
        if low < -MAX_STACK or low > -1 or high > 0 or size < 0 or lowest == -MAX_STACK:
            if variable:
                ck.fail(
                    "stack-bounds", f"invalid variable-offset{what} stack R{number} var_off="
                    f"{tnum.show(val.v, val.m)} off={off} size={size}", idx, number, off=off,
                    size=size, low=low, high=high, variable=True, frame=frame.number,
                )  # fmt: skip
            ck.fail(
                "stack-bounds", f"invalid{what} stack R{number} off={low} size={size}", idx,
                number, off=low, size=size, low=low, high=high, variable=False,
                frame=frame.number,
            )  # fmt: skip
        ck.fail(
            "uninit-stack", f"invalid{what} stack R{number} off={low} size={size}", idx, number,
            off=low, size=size, frame=frame.number, at=low,
        )  # fmt: skip
    if low <= -1:
        frame.grow((-low - 1) // 8)
        need = -low
        sub = frame.sub
        if need > ck.stack_need.get(sub, 0):
            ck.stack_need[sub] = need
    return frame


# Stores --------------------------------------------------------------------------------------


def write(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, value: Reg | None,
    src: int, imm: int | None,
) -> None:  # fmt: skip
    """Store ``value`` (or the constant ``imm``; neither: unknown bytes) through ``reg`` + off.

    ``src`` is the register that is stored, or -1.
    """
    frame = check_range(ck, idx, number, reg, off, size, " write to")
    if reg.v.m:
        _write_variable(ck, idx, number, reg, off, size, value, src, imm, frame)
        return
    at = off + signed64(reg.v.v)
    slot = -at - 1
    spi = slot >> 3
    start = at & 7  # offset of the first byte in its slot
    stack = frame.stack
    old = stack[spi]
    if old.__class__ is Slot and old.kinds[0] >= DYNPTR:
        old = _destroy_special(ck, idx, frame, spi)
    if not ck.leaks and old.__class__ is Reg and old.t != SCALAR and size != 8:
        ck.fail("stack-corrupt", "attempt to corrupt spilled pointer on stack", idx, number)
    if ck.speculative_checks:
        kinds = kinds_of(old)[start : start + size]
        if (value is not None and value.t != SCALAR) or any(
            kind not in (MISC, ZERO) for kind in kinds
        ):
            ck.late_barriers.add(idx)
    if not start and (
        (value is not None and value.t == SCALAR) or (value is None and imm is not None)
    ):
        if value is not None:
            fits = width(value) <= 8 * size
            if fits and (not value.id or value.id & ADD_CONST) and value.v.m:
                value = link_source(ck, value, ck.frame.regs, src)
            saved = value if fits or not value.id else Reg(SCALAR, value.v)
        else:
            assert imm is not None
            saved = regs.const(imm & (1 << 64) - 1)
        if size == 8:
            stack[spi] = saved
            mark_written(ck, frame.number, 1 << spi)
        else:
            kinds = kinds_of(old)
            keeps = ck.leaks or ck.kernel >= (6, 13)
            rest = bytes(
                kind if kind == ZERO or (kind == INVALID and keeps) else MISC
                for kind in kinds[size:]
            )
            stack[spi] = Slot(SPILL_KINDS[:size] + rest, saved)
        _note(ck, idx, number, frame, spi)
        return
    if value is not None and value.t != SCALAR:
        if value.t == NOT_INIT:
            ck.fail("uninit-reg", f"R{src} !read_ok", idx, src)
        if size != 8:
            ck.fail("spill-size", "invalid size of register spill", idx, src, size=size)
        if value.t == regs.STACK and frame is not ck.frame:
            ck.fail(
                "stack-escape", "cannot spill pointers to stack into stack frame of the caller",
                idx, src,
            )  # fmt: skip
        stack[spi] = value
        mark_written(ck, frame.number, 1 << spi)
        _note(ck, idx, number, frame, spi)
        return
    kinds = kinds_of(old)
    if old.__class__ is Reg or SPILL in kinds:
        kinds = bytes(INVALID if kind == INVALID else MISC for kind in kinds)
    kind = MISC
    if (value is not None and not value.v.m and not value.v.v) or (value is None and imm == 0):
        if value is not None:
            ck.precise(src, idx)
        kind = ZERO
    _set_kinds(frame, spi, kinds[:start] + bytes([kind]) * size + kinds[start + size :])
    if size == 8:
        mark_written(ck, frame.number, 1 << spi)


def _note(ck: Checker, idx: int, number: int, frame: Frame, spi: int) -> None:
    """Remember in the history which slot a pointer other than r10 reached."""
    if number != 10:
        ck.state.history.append((idx, ACCESS, frame.number, spi))


def _destroy_special(ck: Checker, idx: int, frame: Frame, spi: int) -> Reg | Slot | None:
    """A store hits a dynptr, iterator or irq flag: scrub it, or reject."""
    item = frame.stack[spi]
    assert isinstance(item, Slot)
    kind = item.kinds[0]
    record = item.reg
    if kind == DYNPTR and isinstance(record, Special):
        if record.ref:
            ck.fail(
                "special-overwrite", "cannot overwrite referenced dynptr", idx, -1, what="dynptr"
            )
        from .dynptrs import destroy

        destroy(ck, frame, spi)
    else:
        # The kernel lets iterator and irq slots be scrubbed; their reference is then lost.
        kinds = bytes(INVALID if k == INVALID else MISC for k in item.kinds)
        _set_kinds(frame, spi, kinds)
    return frame.stack[spi]


def _write_variable(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, value: Reg | None,
    src: int, imm: int | None, frame: Frame,
) -> None:  # fmt: skip
    low, high = reg.v.smin + off, reg.v.smax + off + size
    if ck.speculative_checks:
        ck.fail(
            "unprivileged", f"R{number} variable stack access prohibited for !root, var_off="
            f"{tnum.show(reg.v.v, reg.v.m)} off={off}", idx, number,
        )  # fmt: skip
    zero = (value is not None and value.t == SCALAR and not value.v.m and not value.v.v) or (
        value is None and imm == 0
    )
    used = False
    for spi in range((-high) // 8, (-low - 1) // 8 + 1):
        item = frame.stack[spi]
        if item.__class__ is Slot and item.kinds[0] >= DYNPTR:
            item = _destroy_special(ck, idx, frame, spi)
        kinds = bytearray(kinds_of(item))
        base = -8 * (spi + 1)
        spill = spilled(item)
        zeroed = spill is not None and spill.t == SCALAR and not spill.v.m and not spill.v.v
        kept = True
        for i in range(8):
            if not low <= base + i < high:
                continue
            if zero and kinds[i] == SPILL and zeroed:
                used = True
                continue
            kept = False
            if zero and kinds[i] == ZERO:
                used = True
                continue
            if kinds[i] == INVALID and not ck.uninit_stack:
                ck.fail(
                    "uninit-stack", "uninit stack in range of var-offset write prohibited for"
                    f" !root; insn {ck.slot_text(idx)}, off: {base + i}", idx, number,
                    at=base + i, off=low, size=high - low, frame=frame.number,
                )  # fmt: skip
            kinds[i] = MISC
        if kept:
            continue
        if spill is not None:
            for i in range(8):
                if kinds[i] == SPILL:
                    kinds[i] = MISC
        _set_kinds(frame, spi, bytes(kinds))
    if used and src >= 0:
        ck.precise(src, idx)


# Loads ---------------------------------------------------------------------------------------


def read(ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, dst: int) -> Reg | None:
    """Return what a load through the stack pointer ``reg`` gives, before it is narrowed.

    ``dst`` -1: the value is used but goes to no register.
    """
    frame = check_range(ck, idx, number, reg, off, size, " read from")
    if reg.v.m:
        if dst < 0:
            ck.fail(
                "stack-variable", "variable offset stack pointer cannot be passed into helper"
                f" function; var_off={tnum.show(reg.v.v, reg.v.m)} off={off} size={size}", idx,
                number,
            )  # fmt: skip
        check_initialized(ck, idx, number, reg, off, size, False, None)
        low, high = reg.v.smin + off, reg.v.smax + off + size
        return _joined(frame, low, high)
    at = off + signed64(reg.v.v)
    spi = (-at - 1) >> 3
    start = at & 7
    mark_read(ck, frame.number, idx, 1 << spi)
    item = frame.stack[spi]
    if item.__class__ is Reg:
        assert isinstance(item, Reg)
        if size == 8:
            if dst < 0:
                if ck.leaking(item):
                    ck.fail("unprivileged", f"leaking pointer from stack off {at}", idx, number)
                return None
            if item.t == SCALAR and (not item.id or item.id & ADD_CONST) and item.v.m:
                ck.ids += 1
                item = frame.stack[spi] = Reg(SCALAR, item.v, 0, ck.ids)
            _note(ck, idx, number, frame, spi)
            return item
        if item.t != SCALAR:
            ck.fail("fill-size", "invalid size of register fill", idx, number, size=size)
        if dst < 0:
            return None
        if not start:
            _note(ck, idx, number, frame, spi)
            if width(item) > 8 * size and item.id:
                return Reg(SCALAR, item.v)
            return item
        if not item.v.m and not item.v.v:
            _note(ck, idx, number, frame, spi)
            return regs.NULL
        return regs.ANY
    kinds = kinds_of(item)
    part = kinds[start : start + size]
    if item is not None and kinds[0] == SPILL:
        assert isinstance(item, Slot)
        spill = item.reg
        assert isinstance(spill, Reg)
        count = kinds.count(SPILL)
        if spill.t != SCALAR:
            ck.fail("fill-size", "invalid size of register fill", idx, number, size=size)
        if dst < 0:
            return None
        if not start and size <= count:
            if size == 4 and count == 4 and width(spill) <= 32:
                if (not spill.id or spill.id & ADD_CONST) and spill.v.m:
                    ck.ids += 1
                    spill = Reg(SCALAR, spill.v, 0, ck.ids)
                    frame.stack[spi] = Slot(kinds, spill)
            _note(ck, idx, number, frame, spi)
            if width(spill) > 8 * size and spill.id:
                return Reg(SCALAR, spill.v)
            return spill
        _no_invalid(ck, idx, number, frame, at, size, part)
        if part == SPILL_KINDS[:size] and not spill.v.m and not spill.v.v:
            _note(ck, idx, number, frame, spi)
            return regs.NULL
        return regs.NULL if part == ZERO_SLOT.kinds[:size] else regs.ANY
    _no_invalid(ck, idx, number, frame, at, size, part)
    if dst < 0:
        return None
    return regs.NULL if part == ZERO_SLOT.kinds[:size] else regs.ANY


def _no_invalid(
    ck: Checker, idx: int, number: int, frame: Frame, at: int, size: int, part: bytes
) -> None:
    for i, kind in enumerate(part):
        if kind in (MISC, ZERO, SPILL):
            continue
        text = f"invalid read from stack off {at}+{i} size {size}"
        if kind == INVALID:
            if ck.uninit_stack:
                ck.warn(
                    "uninit-stack", text, idx, number, off=at, size=size, at=at + i,
                    frame=frame.number,
                )  # fmt: skip
                return
            ck.fail(
                "uninit-stack", text, idx, number, off=at, size=size, at=at + i,
                frame=frame.number,
            )  # fmt: skip
        ck.fail("special-access", text, idx, number, kind=kind)


def _joined(frame: Frame, low: int, high: int) -> Reg:
    for at in range(low, high):
        spi = (-at - 1) >> 3
        if kinds_of(frame.stack[spi])[at & 7] != ZERO:
            return regs.ANY
    return regs.NULL


def check_initialized(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, zero_ok: bool,
    raw: dict[str, int] | None, *, clobber: bool = False,
) -> None:  # fmt: skip
    """Check memory of the stack that a helper reads (or, with ``clobber``, may change).

    ``raw``: the helper only writes it; the extent is stored there for the caller to apply.
    """
    if not size and not zero_ok:
        ck.fail("zero-size", "invalid zero-sized read", idx, number)
    what = " write to" if clobber else " read from"
    frame = check_range(ck, idx, number, reg, off, size, what)
    if reg.v.m:
        if ck.speculative_checks:
            ck.fail(
                "unprivileged", f"R{number} variable offset stack access prohibited for !root,"
                f" var_off={tnum.show(reg.v.v, reg.v.m)}", idx, number,
            )  # fmt: skip
        raw = None
        low, high = reg.v.smin + off, reg.v.smax + off
    else:
        low = high = signed64(reg.v.v) + off
    if raw is not None:
        for spi in range((-low - size) // 8, (-low - 1) // 8 + 1):
            if 0 <= spi < len(frame.stack):
                item = frame.stack[spi]
                if isinstance(item, Slot) and item.kinds[0] == DYNPTR:
                    ck.fail(
                        "special-access", "potential write to dynptr at off="
                        f"{-8 * (spi + 1)} disallowed", idx, number, kind=DYNPTR,
                    )  # fmt: skip
        raw["size"] = size
        raw["reg"] = number
        return
    mask = 0
    end = high + size
    at = low - 1
    while at + 1 < end:
        at += 1
        spi = (-at - 1) >> 3
        item = frame.stack[spi]
        mask |= 1 << spi
        if not at & 7 and at + 8 <= end and (item is MISC_SLOT or (
            not clobber and type(item) is Reg and (item.t == SCALAR or ck.leaks)
        )):  # fmt: skip
            at += 7
            continue
        kind = kinds_of(item)[at & 7]
        if kind == MISC:
            continue
        if kind in (ZERO, INVALID):
            if kind == INVALID:
                text = (
                    f"invalid read from stack R{number} off {low}+{at - low} size {size}"
                    if not reg.v.m
                    else f"invalid read from stack R{number} var_off"
                    f" {tnum.show(reg.v.v, reg.v.m)}+{at - low} size {size}"
                )
                facts = {"off": low, "size": size, "at": at, "frame": frame.number}
                if not ck.uninit_stack:
                    ck.fail("uninit-stack", text, idx, number, **facts)
                ck.warn("uninit-stack", text, idx, number, **facts)
            if clobber:
                kinds = bytearray(kinds_of(item))
                kinds[at & 7] = MISC
                keep = item.reg if isinstance(item, Slot) and isinstance(item.reg, Reg) else None
                _set_kinds(frame, spi, bytes(kinds), keep)
            continue
        spill = spilled(item)
        if kind == SPILL and spill is not None and (spill.t == SCALAR or ck.leaks):
            if clobber:
                kinds = bytearray(kinds_of(item))
                for i in range(8):
                    if kinds[i] != INVALID:
                        kinds[i] = MISC
                _set_kinds(frame, spi, bytes(kinds))
            continue
        if reg.v.m:
            ck.fail(
                "special-access", f"invalid read from stack R{number} var_off"
                f" {tnum.show(reg.v.v, reg.v.m)}+{at - low} size {size}", idx, number, kind=kind,
            )  # fmt: skip
        ck.fail(
            "special-access", f"invalid read from stack R{number} off {low}+{at - low} size {size}",
            idx, number, kind=kind,
        )  # fmt: skip
    mark_read(ck, frame.number, idx, mask)


def clobber_raw(ck: Checker, idx: int, number: int, reg: Reg, size: int) -> None:
    """Mark ``size`` bytes at ``reg`` as written with unknown contents by a helper."""
    frame = frame_of(ck, reg)
    low = signed64(reg.v.v) + reg.off
    at = low
    end = low + size
    while at < end:
        spi = (-at - 1) >> 3
        base = -8 * (spi + 1)
        stop = min(end, base + 8)
        item = frame.stack[spi]
        if not ck.leaks and isinstance(item, Reg) and item.t != SCALAR:
            ck.fail("stack-corrupt", "attempt to corrupt spilled pointer on stack", idx, number)
        if stop - at == 8 and not isinstance(item, Slot):
            frame.stack[spi] = MISC_SLOT
        else:
            if isinstance(item, Slot) and item.kinds[0] >= DYNPTR:
                item = _destroy_special(ck, idx, frame, spi)
            kinds = bytearray(kinds_of(item))
            if isinstance(item, Reg) or SPILL in kinds:
                for i in range(8):
                    if kinds[i] != INVALID:
                        kinds[i] = MISC
            for i in range(at - base, stop - base):
                kinds[i] = MISC
            _set_kinds(frame, spi, bytes(kinds))
        # Not noted as written: the kernel stores byte by byte here, and counts whole slots only.
        at = stop


def is_special(item: Reg | Slot | None, kind: int) -> bool:
    """Tell whether a slot holds a dynptr (DYNPTR), iterator (ITER) or irq flag (IRQ)."""
    return item.__class__ is Slot and item.kinds[0] == kind


__all__ = ["ITER", "bounds", "check_initialized", "clobber_raw", "read", "write"]
