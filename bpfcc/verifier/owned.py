"""Objects that the program allocates, and the lists and trees that hold them.

A list head or tree root belongs to a value type ("contains:TYPE:MEMBER"), and the lock beside it
guards it. Adding an object ends the program's ownership: what points to it stays usable until the
lock is released. Source: kernel ``__process_kf_arg_ptr_to_graph_root``,
``__process_kf_arg_ptr_to_graph_node``, ``ref_convert_owning_non_owning``, ``btf_parse_fields``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..btf.layout import strip
from ..btf.types import BtfType, Ptr, Struct, TypeTag, Var
from ..objfile.typesof import structs_of
from . import regs
from .bounds import signed64
from .regs import ALLOC, BASE, NON_OWNING, PERCPU, RCU, Reg
from .state import LOCK_REFS
from .subject import SPECIAL_STRUCTS, MapInfo, SpecialField, collect_fields

if TYPE_CHECKING:
    from ..objfile.model import Object
    from .checker import Checker

LIST_ADD = ("bpf_list_push_front_impl", "bpf_list_push_back_impl")
TREE_ADD = "bpf_rbtree_add_impl"
NODES = {"bpf_list_head": "bpf_list_node", "bpf_rb_root": "bpf_rb_node"}
NODE_KINDS = frozenset(NODES.values())
_LOCKS = ("bpf_spin_lock", "bpf_res_spin_lock")
_PERCPU_LARGEST = 512  # bytes of one bpf_percpu_obj_new()


def fields(ck: Checker, struct: object) -> list[SpecialField]:
    """Return the special fields of a type that the program declares, by offset."""
    found = ck.own_fields.get(id(struct))
    if found is None:
        found = []
        if isinstance(struct, Struct) and any(_special(member.type) for member in struct.members):
            collect_fields(struct, found)
        ck.own_fields[id(struct)] = found
    return found


def _special(type: object) -> bool:
    if isinstance(type, Ptr):
        return isinstance(type.type, TypeTag) and "kptr" in type.type.name
    return isinstance(type, Struct) and type.name in SPECIAL_STRUCTS


def record(ck: Checker, reg: Reg) -> list[SpecialField]:
    """Return the special fields of what ``reg`` points to (a map value, an allocated object)."""
    if reg.t == regs.MAP_VALUE and isinstance(reg.x, MapInfo):
        return reg.x.fields
    if reg.t & BASE == regs.BTF_ID and reg.t & ALLOC:
        return fields(ck, reg.x)
    return []


def field_of(ck: Checker, reg: Reg, kind: str) -> SpecialField | None:
    """Return the first special field of that kind, or None."""
    return next((field for field in record(ck, reg) if field.kind == kind), None)


def in_tree_callback(ck: Checker) -> bool:
    """Tell whether this is the comparison function of bpf_rbtree_add()."""
    return ck.frame.callback_kind == TREE_ADD


# What a root contains ------------------------------------------------------------------------


def contents(ck: Checker, field: SpecialField, idx: int) -> tuple[Struct, int]:
    """Return the type that a list head or tree root holds, and where its node is."""
    found = ck.own_contents.get(id(field))
    if found is None:
        program = ck.subject.program
        found = contents_in(program.object, field) if program is not None else None
        if found is None:
            ck.unknown(f"what the {field.kind} contains is not known", idx)
        ck.own_contents[id(field)] = found
    return found


def contents_in(obj: Object, field: SpecialField) -> tuple[Struct, int] | None:
    """Return what ``contents`` does; None where the object does not say it, or wrongly."""
    if field.owner is None:
        return None
    owner, number = field.owner
    assert isinstance(owner, Struct)
    variable = owner.members[number].name
    for tag in obj.decl_tags:
        if not tag.name.startswith("contains:"):
            continue
        if isinstance(tag.type, Var):
            here = owner.name.startswith(".") and tag.type.name == variable
        else:
            here = tag.type is owner and tag.component == number
        if here:
            _, name, member = (tag.name + "::").split(":")[:3]
            struct = structs_of(obj).get(name)
            for one in struct.members if struct is not None else ():
                if one.name == member and getattr(one.type, "name", "") == NODES[field.kind]:
                    assert struct is not None
                    return struct, one.bit_offset // 8
    return None


def node_register(ck: Checker, field: SpecialField, idx: int, flags: int = 0) -> Reg:
    """Return a pointer to the node of an object that the root holds."""
    struct, off = contents(ck, field, idx)
    return Reg(regs.BTF_ID | ALLOC | flags, off=off, x=struct)


# Arguments -----------------------------------------------------------------------------------


def root(ck: Checker, idx: int, number: int, reg: Reg, kind: str, name: str) -> SpecialField:
    """Check that ``reg`` is a list head or tree root whose lock is held."""
    if reg.t not in (regs.MAP_VALUE, regs.BTF_ID | ALLOC):
        ck.fail(
            "kfunc-arg", f"arg#{number - 1} expected pointer to map value or allocated object", idx,
            number, name=name, kind=reg.t,
        )  # fmt: skip
    if reg.t & ALLOC and not reg.ref:
        _unowned(ck, idx, number, reg, name)
    at = _constant(ck, idx, number, reg, kind)
    field = next((f for f in record(ck, reg) if f.off == at and f.kind == kind), None)
    if field is None:
        ck.fail("special-field", f"{kind} not found at offset={at}", idx, number, field=None,
                map=reg.x)  # fmt: skip
    if not _locked(ck, reg):
        lock = next((f.off for f in record(ck, reg) if f.kind in _LOCKS), -22)
        ck.fail(
            "lock-needed", f"bpf_spin_lock at off={lock} must be held for {kind}", idx, number,
            name=name, what=kind,
        )  # fmt: skip
    return field


def _locked(ck: Checker, reg: Reg) -> bool:
    place = lock_place(ck, reg)
    return any(
        ref[0] in LOCK_REFS and ref[1] == reg.id and ref[3] is place for ref in ck.state.refs
    )


def lock_place(ck: Checker, reg: Reg) -> object:
    """Return what a lock at ``reg`` is told by, together with the register's id."""
    return reg.x if reg.t & BASE == regs.MAP_VALUE else ck.subject


def node(ck: Checker, idx: int, number: int, reg: Reg, name: str, field: SpecialField) -> None:
    """Check that ``reg`` is a node that the root's ``field`` can hold."""
    kind = NODES[field.kind]
    if name in LIST_ADD or name == TREE_ADD:
        if reg.t != regs.BTF_ID | ALLOC:
            ck.fail(
                "kfunc-arg", f"arg#{number - 1} expected pointer to allocated object", idx, number,
                name=name, kind=reg.t,
            )  # fmt: skip
        if not reg.ref:
            _unowned(ck, idx, number, reg, name)
    else:
        if not (reg.t & ALLOC and reg.t & NON_OWNING) and not reg.ref:
            ck.fail(
                "kfunc-arg", f"{name} can only take non-owning or refcounted bpf_rb_node pointer",
                idx, number, name=name, kind=reg.t,
            )  # fmt: skip
        if in_tree_callback(ck):
            ck.fail("lock-call", f"{name} not allowed in rbtree cb", idx, name=name)
    at = _constant(ck, idx, number, reg, kind)
    if not any(f.off == at and f.kind == kind for f in record(ck, reg)):
        ck.fail("special-field", f"{kind} not found at offset={at}", idx, number, field=None,
                map=reg.x)  # fmt: skip
    struct, off = contents(ck, field, idx)
    own = getattr(reg.x, "name", "?")
    if reg.x is not struct:
        ck.fail(
            "special-field", f"operation on {field.kind} expects arg#1 {kind} at offset={off} in"
            f" struct {struct.name}, but arg is at offset={at} in struct {own}", idx, number,
            field=None, map=reg.x,
        )  # fmt: skip
    if at != off:
        ck.fail(
            "special-field", f"arg#1 offset={at}, but expected {kind} at offset={off} in struct"
            f" {struct.name}", idx, number, field=None, map=reg.x,
        )  # fmt: skip


def _constant(ck: Checker, idx: int, number: int, reg: Reg, kind: str) -> int:
    if reg.v.m:
        ck.fail(
            "special-field", f"R{number} doesn't have constant offset. {kind} has to be at the"
            " constant offset", idx, number, field=None, map=reg.x,
        )  # fmt: skip
    return reg.off + signed64(reg.v.v)


def _unowned(ck: Checker, idx: int, number: int, reg: Reg, name: str) -> None:
    ck.fail("release", "allocated object must be referenced", idx, number, name=name, kind=reg.t)


def counted(ck: Checker, idx: int, number: int, reg: Reg, name: str) -> bool:
    """Check the argument of bpf_refcount_acquire(); tell whether it owns the object."""
    if reg.t & BASE != regs.BTF_ID or not reg.t & ALLOC:
        ck.fail(
            "kfunc-arg", f"arg#{number - 1} is neither owning or non-owning ref", idx, number,
            name=name, kind=reg.t,
        )  # fmt: skip
    if field_of(ck, reg, "bpf_refcount") is None:
        ck.fail(
            "kfunc-arg", f"arg#{number - 1} doesn't point to a type with bpf_refcount field", idx,
            number, name=name, kind=reg.t,
        )  # fmt: skip
    return not reg.t & NON_OWNING and bool(reg.ref)


def dropped(ck: Checker, idx: int, number: int, reg: Reg, name: str) -> None:
    """Check the argument of bpf_obj_drop() or bpf_percpu_obj_drop()."""
    i = number - 1
    wanted = {
        regs.BTF_ID | ALLOC: "bpf_obj_drop_impl",
        regs.BTF_ID | ALLOC | PERCPU: "bpf_percpu_obj_drop_impl",
    }.get(reg.t)
    if wanted is None:
        ck.fail("release-type", f"arg#{i} expected pointer to allocated object", idx, number,
                name=name, kind=reg.t)  # fmt: skip
    if wanted != name:
        ck.fail("release-type", f"arg#{i} expected for {wanted}()", idx, number, name=name,
                kind=reg.t)  # fmt: skip
    if not reg.ref:
        _unowned(ck, idx, number, reg, name)


# Results and effects -------------------------------------------------------------------------


def allocate(ck: Checker, idx: int, name: str, number: int) -> Reg:
    """Return what bpf_obj_new() or bpf_percpu_obj_new() of local type ``number`` gives."""
    percpu = name == "bpf_percpu_obj_new_impl"
    if number >> 32:
        ck.fail("kfunc-arg", "local type ID argument must be in range [0, U32_MAX]", idx, 1,
                name=name, kind=regs.SCALAR)  # fmt: skip
    struct = strip(ck.subject.local_types.get(number))
    if struct.__class__ is not Struct:
        ck.fail(
            "kfunc-arg", "bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct", idx,
            1, name=name, kind=regs.SCALAR,
        )  # fmt: skip
    assert isinstance(struct, Struct)
    if percpu:
        problem = ""
        if struct.size > _PERCPU_LARGEST:
            problem = f"size ({struct.size}) is greater than {_PERCPU_LARGEST}"
        elif not _numbers(struct):
            problem = "ID argument must be of a struct of scalars"
        elif fields(ck, struct):
            problem = "ID argument must not contain special fields"
        if problem:
            ck.fail("kfunc-arg", f"bpf_percpu_obj_new type {problem}", idx, 1, name=name,
                    kind=regs.SCALAR)  # fmt: skip
    identity = ck.acquire(idx)
    flags = PERCPU if percpu else 0
    return Reg(regs.BTF_ID | ALLOC | regs.MAYBE_NULL | flags, id=identity, ref=identity, x=struct)


def _numbers(type: BtfType, depth: int = 0) -> bool:
    from .kfuncs_check import plain_struct

    return plain_struct(type, depth)


def borrowed(ck: Checker, reg: Reg) -> Reg:
    """Return ``reg`` as a pointer that does not own its object, valid while the lock is held."""
    flags = NON_OWNING
    if field_of(ck, reg, "bpf_refcount") is not None:
        flags |= RCU
    return Reg(reg.t | flags, reg.v, reg.off, reg.id, 0, reg.x, reg.y)


def give_away(ck: Checker, number: int) -> None:
    """The object of register ``number`` is in the list or tree now."""
    ref = ck.frame.regs[number].ref
    ck.drop_ref(ref)
    ck.rewrite(lambda reg: borrowed(ck, reg) if reg.ref == ref else reg)


def end_borrowing(ck: Checker) -> None:
    """A lock was released: what was only borrowed under it is gone."""
    gone = ck.invalid()
    ck.rewrite(lambda reg: gone if reg.t & ALLOC and reg.t & NON_OWNING else reg)
