"""Spin locks and other fields of map values that only helpers may use.

Source: kernel ``process_spin_lock``, ``process_timer_func``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import owned
from .bounds import signed64
from .regs import Reg
from .state import LOCK_REFS
from .subject import MapInfo, SpecialField

if TYPE_CHECKING:
    from .checker import Checker

_WORDS = {"bpf_spin_lock": "spin_lock", "bpf_res_spin_lock": "res_spin_lock"}


def special_pointer(ck: Checker, idx: int, number: int, reg: Reg, kind: str) -> SpecialField:
    """Check that ``reg`` points exactly to the map value's field of that kind."""
    word = _WORDS.get(kind, kind)
    if reg.v.m:
        ck.fail(
            "special-field", f"R{number} doesn't have constant offset. {word} has to be at the"
            " constant offset", idx, number, field=None, map=reg.x,
        )  # fmt: skip
    info = reg.x
    if not isinstance(info, MapInfo):
        field = owned.field_of(ck, reg, kind)
        where = "local 'kptr'"
    else:
        field = info.field(kind)
        where = f"map '{info.name}'"
    if isinstance(info, MapInfo) and info.value_type is None:
        ck.fail(
            "special-field", f"map '{info.name}' has to have BTF in order to use {kind}", idx,
            number, field=None, map=info,
        )  # fmt: skip
    if field is None:
        ck.fail("special-field", f"{where} has no valid {word}", idx, number, field=None, map=info)
    at = reg.off + signed64(reg.v.v)
    if at != field.off:
        ck.fail(
            "special-field", f"off {at} doesn't point to 'struct {kind}' that is at {field.off}",
            idx, number, field=field, map=info,
        )  # fmt: skip
    return field


def spin(
    ck: Checker, idx: int, number: int, reg: Reg, take: bool, *, resilient: bool = False,
    irq: bool = False,
) -> None:  # fmt: skip
    """Take or release the lock at register ``number``."""
    kind = "bpf_res_spin_lock" if resilient else "bpf_spin_lock"
    name = "bpf_res_spin" if resilient else "bpf_spin"
    special_pointer(ck, idx, number, reg, kind)
    state = ck.state
    obj = owned.lock_place(ck, reg)
    if take:
        if state.locks and not resilient:
            ck.fail("lock-nested", "Locking two bpf_spin_locks are not allowed", idx, number)
        word = ("res_lock_irq" if irq else "res_lock") if resilient else "lock"
        if resilient:
            for ref in state.refs:
                if ref[0].startswith("res_lock") and ref[1] == reg.id and ref[3] is obj:
                    ck.fail("lock-nested", "Acquiring the same lock again, AA deadlock detected",
                            idx, number)  # fmt: skip
        state.refs = (*state.refs, (word, reg.id, idx, obj))
        state.locks += 1
        state.lock_id = reg.id
        state.lock_obj = obj
        return
    if not state.locks:
        ck.fail("lock-missing", f"{name}_unlock without taking a lock", idx, number)
    words = ("res_lock_irq",) if irq else ("res_lock",) if resilient else ("lock",)
    for i, ref in enumerate(state.refs):
        if ref[0] in words and ref[1] == reg.id and ref[3] is obj:
            if resilient and (state.lock_id, state.lock_obj) != (reg.id, obj):
                ck.fail("lock-other", f"{name}_unlock cannot be out of order", idx, number)
            state.refs = state.refs[:i] + state.refs[i + 1 :]
            break
    else:
        ck.fail("lock-other", f"{name}_unlock of different lock", idx, number)
    state.locks -= 1
    state.lock_id, state.lock_obj = 0, None
    for ref in reversed(state.refs):
        if ref[0] in LOCK_REFS:
            state.lock_id, state.lock_obj = ref[1], ref[3]
            break
    owned.end_borrowing(ck)
