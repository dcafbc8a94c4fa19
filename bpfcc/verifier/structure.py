"""Is this well-formed code of a kind that this kernel executes at all?

Source: kernel ``resolve_pseudo_ldimm64`` and the checks of unused fields in ``do_check``.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from ..btf.layout import strip
from ..btf.types import Enum, Int
from ..isa import insn as isa
from ..isa.check import Malformed, check
from ..isa.insn import Insn
from ..isa.table import lookup
from ..uapi import kfuncs
from ..uapi.map_types import MapType

if TYPE_CHECKING:
    from .checker import Checker

_TAIL_CALL = 12  # the helper's number


def check_structure(ck: Checker) -> None:
    """Reject malformed instructions, and those that ``ck.kernel`` does not have."""
    insns = ck.insns
    for fault in check(insns):
        idx = bisect_right(ck.subject.slots, fault.slot) - 1
        if 0 <= idx < len(insns) and not _flow(fault):
            ck.fail("malformed", _wording(fault, insns[idx]), idx, what=fault.message)
    for idx, insn in enumerate(insns):
        row = lookup(insn)
        if row is not None and row.kernel > ck.kernel:
            ck.fail(
                "isa-version", f"unknown opcode {insn.opcode:02x}", idx, what=row.name,
                since=row.kernel,
            )  # fmt: skip


def check_externs(ck: Checker) -> None:
    """Reject what is declared and defined nowhere, reached or not: libbpf does."""
    for idx, target in ck.subject.targets.items():
        if target.kind == "missing":
            ck.fail(
                "unknown-function", f"libbpf: failed to find BTF for extern '{target.name}'", idx,
                undefined=target.name,
            )  # fmt: skip
        if target.kind == "extern":
            known = target.name if target.name in kfuncs.by_name else None
            ck.fail(
                "unknown-function", f"libbpf: failed to find BTF for extern '{target.name}'", idx,
                name=target.name, kfunc=known,
            )  # fmt: skip


def check_addresses(ck: Checker) -> None:
    """Addresses inside global data must be of a byte of it, reached or not.

    One past the end of the last variable is refused already, and so is a map's number that no
    loader filled in. Source: ``resolve_pseudo_ldimm64``.
    """
    for idx, insn in enumerate(ck.insns):
        if insn.opcode == isa.LD_IMM64 and insn.src in (isa.PSEUDO_MAP_FD, isa.PSEUDO_MAP_VALUE):
            if idx not in ck.subject.targets:
                number = insn.imm & 0xFFFFFFFF
                ck.fail("map-reference", f"fd {number} is not pointing to valid bpf_map", idx,
                        number=number)  # fmt: skip
    for idx, target in ck.subject.targets.items():
        info = target.map
        if target.kind not in ("value", "kconfig") or info is None or info.type == MapType.ARENA:
            continue
        if not 0 <= target.off < info.value_size:
            ck.fail(
                "map-value-bounds", f"invalid access to map value pointer,"
                f" value_size={info.value_size} off={target.off & 0xFFFFFFFF}", idx,
                off=target.off, size=0, limit=info.value_size, high=True, map=info,
            )  # fmt: skip


def check_early_ends(ck: Checker) -> None:
    """Functions that packet loads or tail calls may end early must return an int.

    Source: kernel ``check_abnormal_return``, ``check_btf_func``.
    """
    for sub in ck.subject.subs[1:]:
        for idx in range(sub.start, sub.end):
            insn = ck.insns[idx]
            if insn.opcode & 7 == isa.LD and insn.opcode != isa.LD_IMM64:
                word = "LD_ABS"
            elif insn.opcode == isa.JMP | isa.CALL and not insn.src and insn.imm == _TAIL_CALL:
                word = "tail_call"
            else:
                continue
            if sub.btf is None:
                ck.fail("early-end", f"{word} is not allowed in subprogs without BTF", idx,
                        what=word)  # fmt: skip
            returns = strip(sub.btf.proto.ret)
            if not isinstance(returns, (Int, Enum)):
                ck.fail("early-end", f"{word} is only allowed in functions that return 'int'.", idx,
                        what=word)  # fmt: skip
            break


def _flow(fault: Malformed) -> bool:
    """Tell whether ``cfg`` judges this fault, or ``alu`` (only where it is executed)."""
    return "target" in fault.message or "its end" in fault.message or "r10" in fault.message


def _wording(fault: Malformed, insn: Insn) -> str:
    if "does not exist" in fault.message:
        return f"R{insn.dst if fault.field == 'dst' else insn.src} is invalid"
    if fault.field == "opcode":
        return f"unknown opcode {insn.opcode:02x}"
    return "uses reserved fields"
