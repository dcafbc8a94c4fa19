"""Pointers to objects that map values, and objects that the program allocates, hold.

Source: kernel ``check_map_kptr_access``, ``map_kptr_match_type``, ``process_kptr_func``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..btf.types import Struct
from ..isa import insn as isa
from . import btfwalk, memory, owned, regs
from .bounds import signed64
from .regs import ALLOC, BASE, MAYBE_NULL, NON_OWNING, PERCPU, RCU, TRUSTED, UNTRUSTED, Reg
from .subject import MapInfo, SpecialField

if TYPE_CHECKING:
    from .checker import Checker

# Kernel objects that may be read in an RCU section without owning them.
_RCU_SAFE = frozenset(
    {"cgroup", "bpf_cpumask", "task_struct", "bpf_crypto_ctx", "prog_test_ref_kfunc"}
)


def pointee(ck: Checker, field: SpecialField, idx: int) -> tuple[Struct, bool]:
    """Return what the field points to, and whether that is a type of the kernel's."""
    target = field.target
    assert isinstance(target, Struct)
    if ck.vmlinux is None:
        if not target.members:
            ck.unknown(f"struct {target.name} needs the kernel's BTF", idx)
        return target, True
    for number in ck.vmlinux.ids(target.name):
        found = ck.vmlinux.type(number)
        if type(found) is Struct:
            return found, True
    return target, False


def access(
    ck: Checker, idx: int, number: int, info: MapInfo, field: SpecialField, write: bool,
    value: Reg | None, src: int,
) -> Reg | None:  # fmt: skip
    """Load or store a pointer field of a map value."""
    if field.kind in ("kptr_ref", "kptr_percpu") and write:
        ck.fail(
            "special-field", "store to referenced kptr disallowed", idx, number, field=field,
            map=info,
        )  # fmt: skip
    if field.kind == "uptr" and write:
        ck.fail("special-field", "store to uptr disallowed", idx, number, field=field, map=info)
    if not write:
        return _loaded(ck, idx, field)
    if value is None:
        ck.fail(
            "special-field", "kptr in map can only be accessed using BPF_MEM mode", idx, number,
            field=field, map=info,
        )  # fmt: skip
    if value.t == regs.SCALAR and not value.v.m:
        if not value.v.v:
            if src >= 0:
                ck.precise(src, idx)
            return None
        if ck.insns[idx].opcode & 7 == isa.ST:
            ck.fail(
                "special-field", f"BPF_ST imm must be 0 when storing to kptr at off={field.off}",
                idx, number, field=field, map=info,
            )  # fmt: skip
    check_value(ck, idx, src, value, field, info)
    return None


def _loaded(ck: Checker, idx: int, field: SpecialField) -> Reg:
    if field.kind == "uptr":
        size = field.target.size if isinstance(field.target, Struct) else 0
        return Reg(regs.MEM | MAYBE_NULL, id=ck.new_id(), x=size)
    struct, kernel = pointee(ck, field, idx)
    flags = MAYBE_NULL
    percpu = field.kind == "kptr_percpu"
    safe = percpu or (field.kind == "kptr_ref" and (not kernel or struct.name in _RCU_SAFE))
    if not (safe and btfwalk.in_rcu(ck)):
        flags |= UNTRUSTED
    else:
        flags |= RCU
        if percpu:
            flags |= PERCPU
        elif not kernel:
            flags |= ALLOC
        if not kernel and any(f.kind in owned.NODE_KINDS for f in owned.fields(ck, struct)):
            flags |= NON_OWNING
    return Reg(regs.BTF_ID | flags, id=ck.new_id(), x=struct)


def check_value(
    ck: Checker, idx: int, number: int, value: Reg, field: SpecialField, info: object
) -> None:
    """Check that ``value`` (of register ``number``) is a pointer that ``field`` can hold."""
    struct, kernel = pointee(ck, field, idx)
    percpu = field.kind == "kptr_percpu"
    good = value.t & BASE == regs.BTF_ID
    if good and value.t & ALLOC:
        allowed = MAYBE_NULL | ALLOC | (PERCPU if percpu else 0)
    else:
        allowed = MAYBE_NULL | TRUSTED | RCU
        if field.kind == "kptr_unref":
            allowed |= UNTRUSTED
    good = good and not value.t & ~BASE & ~allowed and percpu == bool(value.t & PERCPU)
    if good:
        memory.check_modified(ck, idx, number, value, True)
        if value.t & ALLOC or field.kind != "kptr_unref":
            same = getattr(value.x, "name", "") == struct.name if kernel else value.x is struct
            good = same and not value.off and kernel == (not value.t & ALLOC)
            if field.kind == "kptr_unref":
                good = good or (not kernel and btfwalk.struct_at(value.x, value.off, struct.name))
        else:
            good = kernel and btfwalk.struct_at(value.x, value.off, struct.name)
    if not good:
        ck.fail(
            "special-field", f"invalid kptr access, R{number} type={regs.type_name(value.t)}"
            f"{getattr(value.x, 'name', '')} expected=ptr_{struct.name}", idx, number, field=field,
            map=info,
        )  # fmt: skip


def exchanged(ck: Checker, idx: int, number: int, reg: Reg) -> SpecialField:
    """Return the field that bpf_kptr_xchg() is given in register ``number``."""
    info = reg.x
    found = owned.record(ck, reg)
    if reg.v.m:
        ck.fail(
            "special-field", f"R{number} doesn't have constant offset. kptr has to be at the"
            " constant offset", idx, number, field=None, map=info,
        )  # fmt: skip
    at = reg.off + signed64(reg.v.v)
    field = next((f for f in found if f.off == at and "kptr" in f.kind), None)
    if field is None:
        text = f"off={at} doesn't point to kptr"
        if not any("kptr" in f.kind for f in found):
            text = f"R{number} has no valid kptr"
        ck.fail("special-field", text, idx, number, field=None, map=info)
    if field.kind == "kptr_unref":
        ck.fail("special-field", f"off={at} kptr isn't referenced kptr", idx, number, field=field,
                map=info)  # fmt: skip
    return field


def give_away(ck: Checker, ref: int) -> None:
    """The map holds the object of reference ``ref`` now."""
    ck.drop_ref(ref)
    gone = ck.invalid()
    shared = btfwalk.in_rcu(ck)

    def change(one: Reg) -> Reg:
        if one.ref != ref:
            return one
        if not (shared and one.t & ALLOC and one.t & PERCPU):
            return gone
        return Reg(one.t & ~ALLOC | RCU, one.v, one.off, one.id, 0, one.x, one.y)

    ck.rewrite(change)


def taken(ck: Checker, idx: int, field: SpecialField) -> tuple[int, Struct]:
    """Return flags and type of what bpf_kptr_xchg() takes out of ``field``."""
    struct, kernel = pointee(ck, field, idx)
    if kernel:
        return TRUSTED, struct
    return ALLOC | (PERCPU if field.kind == "kptr_percpu" else 0), struct
