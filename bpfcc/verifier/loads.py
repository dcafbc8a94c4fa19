"""Wide loads (constants, maps, functions, kernel symbols) and the old packet loads.

Source: kernel ``check_ld_imm``, ``check_ld_abs``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..btf.layout import byte_size, strip
from ..btf.types import Datasec, Func, Struct, Var
from ..isa import insn as isa
from ..isa.insn import Insn
from ..uapi.map_types import MapType
from ..uapi.prog_types import ProgType
from . import memory, regs
from .call import check_leak, return_early
from .regs import PERCPU, RDONLY, Reg
from .subject import Target

if TYPE_CHECKING:
    from .checker import Checker

Step = Callable[[list[Reg]], None]
Jump = Callable[[list[Reg]], int]


def compile_wide(ck: Checker, idx: int, insn: Insn) -> Step:
    """Return the step for an instruction of class LD."""
    if insn.opcode != isa.LD_IMM64:
        return _packet_load(ck, idx, insn)
    dst = insn.dst
    target = ck.subject.targets.get(idx)
    if target is None:
        if insn.src:
            return _unresolved(ck, idx)
        value = regs.const(insn.imm)
    else:
        made = _reference(ck, idx, target)
        if made is None:
            return _unresolved(ck, idx)
        value = made

    def step(registers: list[Reg]) -> None:
        registers[dst] = value

    return step


def _unresolved(ck: Checker, idx: int) -> Step:
    def step(registers: list[Reg]) -> None:
        ck.unknown("a reference that the loader would resolve is not known", idx)

    return step


def _reference(ck: Checker, idx: int, target: Target) -> Reg | None:
    if target.kind == "map":
        return Reg(regs.MAP_PTR, x=target.map)
    if target.kind in ("value", "kconfig"):
        if target.map is not None and target.map.type == MapType.ARENA:
            return regs.ANY
        return Reg(regs.MAP_VALUE, off=target.off, x=target.map)
    if target.kind == "func":
        return Reg(regs.FUNC, x=target.number)
    if target.kind == "weak":
        return regs.NULL
    if target.kind == "address":
        return regs.ANY
    if target.kind == "ksym":
        return _kernel_symbol(ck, idx, target.name)
    return None


def _kernel_symbol(ck: Checker, idx: int, name: str) -> Reg | None:
    """Return the address of a kernel variable. Source: ``__check_pseudo_btf_id``."""
    btf = ck.vmlinux
    if btf is None:
        return None
    for number in btf.ids(name):
        found = btf.type(number)
        if isinstance(found, Func):
            return Reg(regs.MEM | RDONLY, x=0)
        if isinstance(found, Var):
            kind = strip(found.type)
            if _is_percpu(ck, found):
                return Reg(regs.BTF_ID | PERCPU, x=kind)
            if isinstance(kind, Struct):
                return Reg(regs.BTF_ID, x=kind)
            return Reg(regs.MEM | RDONLY, x=byte_size(kind))
    return None


def _is_percpu(ck: Checker, variable: Var) -> bool:
    assert ck.vmlinux is not None
    for number in ck.vmlinux.ids(".data..percpu"):
        section = ck.vmlinux.type(number)
        if isinstance(section, Datasec):
            return any(var is variable for var, _, _ in section.vars)
    return False


def compile_packet_jump(ck: Checker, idx: int, insn: Insn) -> Jump:
    """Return the step for a packet load in a function other than the program's entry."""
    step = _packet_load(ck, idx, insn)

    def jump(registers: list[Reg]) -> int:
        ck.jumps -= 1  # the kernel does not count it as one
        step(registers)
        if len(ck.state.frames) > 1 and ck.kernel >= (6, 13):
            return return_early(ck, idx)
        return idx + 1

    return jump


def _packet_load(ck: Checker, idx: int, insn: Insn) -> Step:
    """LD_ABS and LD_IND: read the packet of the socket buffer in R6."""
    src = insn.src if insn.opcode & 0xE0 == isa.IND else -1

    def step(registers: list[Reg]) -> None:
        if ck.prog_type not in (
            ProgType.SOCKET_FILTER,
            ProgType.SCHED_CLS,
            ProgType.SCHED_ACT,
        ):
            ck.fail(
                "packet-load", "BPF_LD_[ABS|IND] instructions not allowed for this program type",
                idx,
            )  # fmt: skip
        ctx = ck.source(6, idx)
        check_leak(ck, idx, True, "BPF_LD_[ABS|IND]")
        if ctx.t != regs.CTX:
            ck.fail("packet-load", "at the time of BPF_LD_ABS|IND R6 != pointer to skb", idx, 6)
        if src >= 0:
            ck.source(src, idx)
        memory.check_modified(ck, idx, 6, ctx)
        registers[0:6] = [regs.ANY, *[regs.UNINIT] * 5]

    return step
