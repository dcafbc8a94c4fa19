"""Structural check: is this a well-formed program at all, before anyone asks whether it is safe?

Every instruction must be in ``table``, its unused fields zero, its registers in range, its jumps on
the start of an instruction of the same function, and no function may run off its end. What the
values mean (helper ids, map descriptors) is for the verifier and the VM.

Source: RFC 9669 sections 3 to 5; the kernel's ``resolve_pseudo_ldimm64`` and ``check_subprogs``
judge alike, except that they also refuse shifts by the width or more (legal in RFC 9669, masked).
"""

from __future__ import annotations

from ..support.errors import InputError
from . import insn as _i
from .insn import Insn, decode, slot_starts
from .table import (
    CALL,
    CAST,
    EXIT,
    JA,
    JCOND,
    JUMP,
    LDDW,
    USE_DST,
    USE_IMM,
    USE_OFF,
    USE_SRC,
    Row,
    known_opcode,
    lookup,
    selector,
)

_USES = (("dst", USE_DST), ("src", USE_SRC), ("off", USE_OFF), ("imm", USE_IMM))
_FIELD_NAME = {"dst": "dst", "src": "src", "off": "offset", "imm": "imm"}


class Malformed:
    """One structural fault: at ``slot``, in ``field`` ("opcode", "dst", "src", "offset", "imm").

    ``field`` is "length" for a whole program that is empty or cut, and "next.dst" etc. for a field
    of the second slot of a wide load.
    """

    __slots__ = ("field", "message", "slot")

    def __init__(self, slot: int, field: str, message: str) -> None:
        self.slot = slot
        self.field = field
        self.message = message

    def __str__(self) -> str:
        return f"at {self.slot}: {self.message}"

    def __repr__(self) -> str:
        return f"Malformed({self.slot}, {self.field!r}, {self.message!r})"


def check(insns: list[Insn], *, linked: bool = True) -> list[Malformed]:
    """Return everything structurally wrong with a program, in slot order; [] when it is sound.

    ``linked`` False is for one function of an object file: calls to other functions are then
    relocations and their targets are not judged.
    """
    if not insns:
        return [Malformed(0, "length", "program has no instructions")]
    starts = slot_starts(insns)
    index = {slot: i for i, slot in enumerate(starts[:-1])}
    faults: list[Malformed] = []
    rows: list[Row | None] = []
    for i, insn in enumerate(insns):
        rows.append(_check_fields(insn, starts[i], faults))
    entries = {0}
    if linked:
        for i, (insn, row) in enumerate(zip(insns, rows)):
            if row is not None:
                entries |= _check_callee(insn, row, starts[i], starts[-1], index, faults)
    _check_flow(insns, rows, starts, index, sorted(entries), faults)
    faults.sort(key=lambda fault: fault.slot)
    return faults


def check_bytes(data: bytes, *, big_endian: bool = False, linked: bool = True) -> list[Malformed]:
    """Return everything structurally wrong with the wire form of a program.

    Sees what ``check`` cannot: a cut program, and the second slot of a wide load, whose opcode,
    registers and offset must be zero.
    """
    if len(data) % 8:
        return [
            Malformed(len(data) // 8, "length", f"length {len(data)} is not a multiple of 8 bytes")
        ]
    faults = []
    slot, end = 0, len(data) // 8
    while slot < end:
        if data[slot * 8] != _i.LD_IMM64:
            slot += 1
            continue
        if slot + 1 == end:
            faults.append(
                Malformed(slot, "length", "wide load (lddw) is cut: its second slot is missing")
            )
            break
        opcode, regs = data[slot * 8 + 8], data[slot * 8 + 9]
        off = data[slot * 8 + 10] | data[slot * 8 + 11]
        for field, value in (("opcode", opcode), ("regs", regs), ("offset", off)):
            if value:
                faults.append(
                    Malformed(
                        slot + 1,
                        "next." + field,
                        f"second slot of wide load (lddw): {field} must be zero",
                    )
                )
        slot += 2
    faults += check(decode(data, big_endian=big_endian), linked=linked)
    faults.sort(key=lambda fault: fault.slot)
    return faults


def require(insns: list[Insn], *, linked: bool = True) -> None:
    """Raise InputError naming the first fault and the number of further ones, if there is any."""
    faults = check(insns, linked=linked)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise InputError(f"malformed program: {faults[0]}{more}")


def _check_fields(insn: Insn, slot: int, faults: list[Malformed]) -> Row | None:
    """Judge one instruction by itself; return its row when it has one."""
    row = lookup(insn)
    if row is None:
        choice = selector(insn.opcode)
        if choice is None or not known_opcode(insn.opcode):
            faults.append(Malformed(slot, "opcode", f"unknown opcode {insn.opcode:#04x}"))
        else:
            field, values = choice
            name = _FIELD_NAME[field]
            known = ", ".join(map(str, values))
            text = f"opcode {insn.opcode:#04x}: {name} {getattr(insn, field)} is not one of {known}"
            faults.append(Malformed(slot, name, text))
        return None
    selecting = row.select[0] if row.select else ""
    for field, bit in _USES:
        value = getattr(insn, field)
        if row.uses & bit:
            if field in ("dst", "src") and value > _i.R10:
                faults.append(
                    Malformed(slot, field, f"{row.name}: {field} register r{value} does not exist")
                )
        elif value and field != selecting:
            faults.append(
                Malformed(
                    slot,
                    _FIELD_NAME[field],
                    f"{row.name}: unused field {_FIELD_NAME[field]} must be zero, is {value}",
                )
            )
    for field in row.writes:
        if getattr(insn, field) == _i.R10:
            faults.append(
                Malformed(slot, field, f"{row.name}: the frame pointer r10 cannot be written")
            )
    if row.kind == CAST and insn.imm not in (0x00001, 0x10000):
        text = (
            f"opcode {insn.opcode:#04x}: offset 1 makes it addr_space_cast, which needs imm "
            f"0x1 or 0x10000, not {insn.imm:#x}; a plain move has offset 0"
        )
        faults.append(Malformed(slot, "offset", text))
    if row.kind == LDDW and row.op in ("map_fd", "map_idx") and insn.imm >> 32:
        faults.append(Malformed(slot, "next.imm", f"{row.name}: second imm must be zero"))
    return row


def _check_callee(
    insn: Insn, row: Row, slot: int, end: int, index: dict[int, int], faults: list[Malformed]
) -> set[int]:
    """Judge the target of a local call or of a function address; return it as an entry."""
    if row.kind == CALL and row.op == "local":
        target = slot + 1 + insn.imm
    elif row.kind == LDDW and row.op == "func":
        low = insn.imm & 0xFFFFFFFF
        target = slot + 1 + low - ((low & 0x80000000) << 1)
    else:
        return set()
    return {target} if _check_target(target, slot, end, index, "imm", row, faults) else set()


def _check_target(
    target: int,
    slot: int,
    end: int,
    index: dict[int, int],
    field: str,
    row: Row,
    faults: list[Malformed],
) -> bool:
    if not 0 <= target < end:
        faults.append(
            Malformed(slot, field, f"{row.name}: target {target} is out of range 0..{end - 1}")
        )
        return False
    if target not in index:
        faults.append(
            Malformed(slot, field, f"{row.name}: target {target} is inside a wide load (lddw)")
        )
        return False
    return True


def _check_flow(
    insns: list[Insn],
    rows: list[Row | None],
    starts: list[int],
    index: dict[int, int],
    entries: list[int],
    faults: list[Malformed],
) -> None:
    """Judge jumps, and that each function ends in an exit or an unconditional jump."""
    bounds = [*entries, starts[-1]]
    number = 0
    for i, row in enumerate(rows):
        slot = starts[i]
        if number + 1 < len(entries) and slot >= bounds[number + 1]:
            number += 1
        low, high = bounds[number], bounds[number + 1]
        if row is None:
            continue
        kind = row.kind
        if kind in (JA, JCOND, JUMP):
            wide = row.op == "gotol"
            target = slot + 1 + (insns[i].imm if wide else insns[i].off)
            field = "imm" if wide else "offset"
            if _check_target(target, slot, starts[-1], index, field, row, faults):
                if not low <= target < high:
                    faults.append(
                        Malformed(
                            slot,
                            field,
                            f"{row.name}: target {target} is in another function "
                            f"(this one is {low}..{high - 1})",
                        )
                    )
        if starts[i + 1] == high and kind not in (JA, EXIT):
            faults.append(
                Malformed(
                    slot,
                    "opcode",
                    f"{row.name}: the function runs off its end "
                    "(its last instruction must be exit or an unconditional jump)",
                )
            )


def jump_target(insn: Insn, row: Row, slot: int) -> int | None:
    """Return the slot that a jump of ``kind`` ja, jcond or jump at ``slot`` goes to, else None."""
    if row.kind in (JA, JCOND, JUMP):
        return slot + 1 + (insn.imm if row.op == "gotol" else insn.off)
    return None
