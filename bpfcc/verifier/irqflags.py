"""Saved interrupt flags: one stack slot, restored in the reverse order of saving.

Source: kernel ``process_irq_flag``, ``mark_stack_slot_irq_flag``, ``release_irq_state``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import regs, stack
from .dynptrs import special_at
from .liveness import mark_read, mark_written
from .regs import Reg
from .state import IRQ, Slot, Special

if TYPE_CHECKING:
    from .checker import Checker


def process(ck: Checker, idx: int, number: int, reg: Reg, owner: str, save: bool) -> None:
    """Save into, or restore from, the flags at register ``number``.

    ``owner``: "native" for bpf_local_irq_save(), "lock" for bpf_res_spin_lock_irqsave().
    """
    if reg.t != regs.STACK:
        ck.fail("irq-flag", f"arg#{number - 1} doesn't point to an irq flag on stack", idx, number)
    frame, spi = special_at(ck, idx, number, reg, "irq_flag", 1)
    item = frame.stack[spi] if spi < len(frame.stack) else None
    saved = stack.is_special(item, IRQ)
    state = ck.state
    if save:
        if saved:
            ck.fail("irq-flag", f"expected uninitialized irq flag as arg#{number - 1}", idx, number)
        stack.check_range(ck, idx, number, reg, reg.off, 8, " write to")
        if isinstance(frame.stack[spi], Slot) and isinstance(frame.stack[spi].reg, Special):  # type: ignore[union-attr]
            stack._destroy_special(ck, idx, frame, spi)
        ref = ck.acquire(idx, "irq")
        state.irq_id = ref
        frame.stack[spi] = Slot(bytes([IRQ] * 8), Special(owner, True, ref))
        mark_written(ck, frame.number, 1 << spi)
        return
    if not saved:
        ck.fail("irq-flag", f"expected an initialized irq flag as arg#{number - 1}", idx, number)
    assert isinstance(item, Slot) and isinstance(item.reg, Special)
    mark_read(ck, frame.number, idx, 1 << spi)
    if item.reg.kind != owner:
        ck.fail(
            "irq-flag", f"irq flag acquired by {item.reg.kind} kfuncs cannot be restored with"
            f" {owner} kfuncs", idx, number, saved=item.reg.kind,
        )  # fmt: skip
    if item.reg.ref != state.irq_id:
        last = next((ref[2] for ref in state.refs if ref[1] == state.irq_id), -1)
        ck.fail(
            "irq-flag", "cannot restore irq state out of order, expected"
            f" id={state.irq_id} acquired at insn_idx={ck.slot_text(last)}", idx, number, taken=last,
        )  # fmt: skip
    ck.drop_ref(item.reg.ref)
    before = [ref[1] for ref in state.refs if ref[0] == "irq"]
    state.irq_id = before[-1] if before else 0
    frame.stack[spi] = None
    mark_written(ck, frame.number, 1 << spi)
