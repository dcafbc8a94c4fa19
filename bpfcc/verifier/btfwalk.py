"""Pointers to kernel objects: contexts made of them, and reading through them by BTF type.

Source: kernel ``btf_ctx_access`` and ``btf_struct_walk`` (kernel/bpf/btf.c),
``check_ptr_to_btf_access`` (kernel/bpf/verifier.c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..btf.layout import byte_size, strip
from ..btf.types import (
    Array,
    BtfType,
    Enum,
    Func,
    FuncProto,
    Int,
    Ptr,
    Struct,
    TypeRef,
    TypeTag,
    Union,
)
from ..uapi import tracing
from ..uapi.map_types import MapType
from ..uapi.prog_types import AttachType, ProgType
from . import owned, regs, tnum
from .btfwrite import check_write
from .regs import (
    ALLOC,
    MAYBE_NULL,
    PERCPU,
    RCU,
    RDONLY,
    TRUSTED,
    UNTRUSTED,
    USER,
    Reg,
)
from .subject import MapInfo

if TYPE_CHECKING:
    from ..btf.read import Btf
    from .checker import Checker


class CtxArgs:
    """The context of a tracing, LSM or struct_ops program: its arguments in order.

    ``kinds`` as in ``uapi.tracing.ITERATORS``; "bad" cannot be loaded. ``func`` names the hook.
    """

    __slots__ = ("func", "kinds", "retval", "void")

    def __init__(
        self, kinds: tuple[str, ...], func: str, retval: int = -1, void: bool = False
    ) -> None:
        self.kinds = kinds
        self.func = func
        self.retval = retval
        self.void = void


def context_args(ck: Checker) -> CtxArgs | None:
    """Find out what the program's context holds; None when its type has named fields.

    ``ck.unknown`` (verdict unknown) when the kernel's BTF is needed and absent.
    """
    kind, attach = ck.prog_type, ck.attach_type
    if kind == ProgType.STRUCT_OPS:
        return _struct_op(ck)
    if kind not in (ProgType.TRACING, ProgType.LSM):
        return None
    name = ck.subject.attach_name
    if attach == AttachType.TRACE_ITER:
        kinds = tracing.ITERATORS.get(name)
        if kinds is None:
            ck.fail("attach-target", f"bpf_iter_{name} is not found in vmlinux BTF", -1, name=name)
        return CtxArgs(kinds, "bpf_iter_" + name)
    if ck.vmlinux is None:
        ck.unknown("the arguments of this program type need the kernel's BTF")
    if attach == AttachType.TRACE_RAW_TP:
        found = ck.vmlinux.find("btf_trace_" + name)
        proto = strip(found)
        proto = strip(proto.type) if isinstance(proto, Ptr) else None
        if not isinstance(proto, FuncProto):
            ck.fail(
                "attach-target", f"prog '{ck.subject.name}': failed to find kernel BTF type ID of"
                f" '{name}': -3", -1, name=name,
            )  # fmt: skip
        null = tracing.NULLABLE.get(name, ()) if ck.kernel >= tracing.NULLABLE_SINCE else ()
        kinds = tuple(_arg_kind(type, i in null) for i, (_, type) in enumerate(proto.params[1:]))
        return CtxArgs(kinds, "btf_trace_" + name)
    return _function(ck, "bpf_lsm_" + name if kind == ProgType.LSM else name)


def _function(ck: Checker, name: str) -> CtxArgs:
    assert ck.vmlinux is not None
    func = None
    for number in ck.vmlinux.ids(name):
        found = ck.vmlinux.type(number)
        if isinstance(found, Func):
            func = found
            break
    if func is None:
        ck.fail(
            "attach-target", f"prog '{ck.subject.name}': failed to find kernel BTF type ID of"
            f" '{name}': -3", -1, name=name,
        )  # fmt: skip
    kinds = [_arg_kind(type, False) for _, type in func.proto.params]
    retval = -1
    if ck.attach_type in (AttachType.TRACE_FEXIT, AttachType.MODIFY_RETURN):
        retval = len(kinds)
        kinds.append("int" if func.proto.ret is not None else "bad")
    return CtxArgs(tuple(kinds), name, retval)


# Operations that sleepable programs may implement, where the kernel asks. Source: check_member.
_SLEEPABLE_OPS: dict[str, tuple[str, ...]] = {
    "bpf_dummy_ops": ("test_sleepable",),
    "tcp_congestion_ops": (),
}


def _struct_op(ck: Checker) -> CtxArgs:
    if ck.subject.struct_op is None:
        ck.unknown("which operation this struct_ops program implements is not known")
    if ck.vmlinux is None:
        ck.unknown("the arguments of this program type need the kernel's BTF")
    local, number = ck.subject.struct_op
    name = local.name.split("___")[0]
    kernel = ck.vmlinux.find(name)
    if not isinstance(kernel, Struct):
        ck.fail(
            "attach-target", f"libbpf: struct_ops init_kern: struct {name} is not found in kernel"
            " BTF", -1, name=name,
        )  # fmt: skip
    wanted = local.members[number].name
    sleepable = _SLEEPABLE_OPS.get(name)
    if sleepable is not None and ck.subject.sleepable and wanted not in sleepable:
        ck.fail(
            "attach-target", f"attach to unsupported member {wanted} of struct {name}", -1,
            name=wanted,
        )  # fmt: skip
    for member in kernel.members:
        if member.name == wanted:
            pointer = strip(member.type)
            proto = strip(pointer.type) if isinstance(pointer, Ptr) else None
            if isinstance(proto, FuncProto):
                null = _nullable(ck.vmlinux, f"{name}__{wanted}")
                kinds = tuple(
                    _arg_kind(type, i in null) for i, (_, type) in enumerate(proto.params)
                )
                if name == "tcp_congestion_ops":
                    kinds = tuple(
                        kind.replace("trusted:sock", "trusted:tcp_sock")
                        if kind == "trusted:sock"
                        else kind
                        for kind in kinds
                    )
                if name == "tcp_congestion_ops":
                    _congestion_op(ck, wanted)
                return CtxArgs(kinds, name + "::" + wanted, void=proto.ret is None)
    ck.unknown(f"the kernel's struct {name} has no operation '{wanted}'")


def _nullable(btf: Btf, stub: str) -> set[int]:
    """Return which arguments of an operation may be NULL, as its stub in the kernel says."""
    for number in btf.ids(stub):
        found = btf.type(number)
        if isinstance(found, Func):
            return {
                i for i, (name, _) in enumerate(found.proto.params) if name.endswith("__nullable")
            }
    return set()


def _congestion_op(ck: Checker, member: str) -> None:
    """Source: kernel net/ipv4/bpf_tcp_ca.c."""
    if member == "get_info":
        ck.fail(
            "attach-target", f"attach to unsupported member {member} of struct"
            " tcp_congestion_ops", -1, name=member,
        )  # fmt: skip
    if member == "release":
        ck.ops_hidden = ("setsockopt",)


def _arg_kind(type: TypeRef, null: bool) -> str:
    kind = strip(type)
    if isinstance(kind, (Int, Enum)):
        return "int"
    if not isinstance(kind, Ptr):
        return "bad"
    target = strip(kind.type)
    if target is None or isinstance(target, (Int, Enum)):
        return "int8"
    if isinstance(target, Struct):
        return f"trusted{'?' if null else ''}:{target.name}"
    if isinstance(target, Ptr):
        return "int8"
    return "bad"


def context_load(ck: Checker, idx: int, number: int, at: int, size: int, write: bool) -> Reg | None:
    """Return what loading ``size`` bytes at context offset ``at`` gives."""
    args = ck.ctx_args
    assert isinstance(args, CtxArgs)
    if write:
        _bad(ck, idx, number, f"invalid bpf_context access off={at} size={size}", at, size, True)
    if at < 0 or at % size or at >= 96:
        _bad(ck, idx, number, f"invalid bpf_context access off={at} size={size}", at, size, False)
    if at % 8 and args.kinds:
        _bad(
            ck, idx, number, f"func '{args.func}' offset {at} is not multiple of 8", at, size,
            False,
        )  # fmt: skip
    which = at // 8
    if which >= len(args.kinds):
        _bad(
            ck, idx, number, f"func '{args.func}' doesn't have {which + 1}-th argument", at, size,
            False, arguments=len(args.kinds), argument=which + 1,
        )  # fmt: skip
    kind = args.kinds[which]
    if kind in ("int", "int8"):
        if which == args.retval and ck.attach_type == AttachType.MODIFY_RETURN:
            return regs.ANY
        return regs.ANY
    if size != 8:
        _bad(ck, idx, number, f"func '{args.func}' size {size} must be 8", at, size, False)
    if kind == "bad":
        _bad(
            ck, idx, number, f"func '{args.func}' arg{which} type is not a struct", at, size, False
        )
    return arg_reg(ck, kind, idx)


def _bad(
    ck: Checker, idx: int, number: int, text: str, at: int, size: int, write: bool, **facts: int
) -> None:
    ck.fail("context-access", text, idx, number, off=at, size=size, write=write, **facts)


def arg_reg(ck: Checker, kind: str, idx: int = -1) -> Reg:
    """Return the register for an argument kind of ``uapi.tracing``."""
    if kind in ("int", "int8"):
        return regs.ANY
    if kind == "rdbuf?":
        return Reg(regs.BUF | RDONLY | MAYBE_NULL, id=ck.new_id(), x=0)
    if kind == "buf?":
        return Reg(regs.BUF | MAYBE_NULL, id=ck.new_id(), x=0)
    word, name = kind.split(":", 1)
    flags = TRUSTED if word.startswith("trusted") else 0
    if word.endswith("?"):
        return Reg(regs.BTF_ID | flags | MAYBE_NULL, id=ck.new_id(), x=kernel_struct(ck, name, idx))
    return Reg(regs.BTF_ID | flags, x=kernel_struct(ck, name, idx))


def trusted(ck: Checker, name: str) -> Reg:
    """Return a trusted pointer to kernel struct ``name``."""
    return Reg(regs.BTF_ID | TRUSTED, x=kernel_struct(ck, name))


def kernel_struct(ck: Checker, name: str, idx: int = -1) -> BtfType:
    """Return the kernel's struct ``name``; verdict unknown without the kernel's BTF."""
    if ck.vmlinux is None:
        ck.unknown(f"struct {name} needs the kernel's BTF", idx)
    for number in ck.vmlinux.ids(name):
        found = ck.vmlinux.type(number)
        if isinstance(found, Struct):
            return found
    ck.unknown(f"the kernel's BTF has no struct {name}", idx)


# Walking -------------------------------------------------------------------------------------


class _Walk:
    """Where a walk arrived: ``kind`` is "scalar", "ptr" or "void" (pointer to no struct)."""

    __slots__ = ("field", "flags", "kind", "parent", "target")

    def __init__(
        self, kind: str, target: BtfType | None, flags: int, parent: str, field: str
    ) -> None:
        self.kind = kind
        self.target = target
        self.flags = flags
        self.parent = parent
        self.field = field


def access(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool
) -> Reg | None:
    """Check an access through a typed kernel pointer; ``off`` includes ``reg.off``."""
    struct_ = reg.x
    assert isinstance(struct_, Struct)
    name = struct_.name
    if not ck.leaks:
        ck.fail(
            "unprivileged", f"'struct {name}' access is allowed only to CAP_PERFMON and"
            " CAP_SYS_ADMIN", idx, number,
        )  # fmt: skip
    if not ck.subject.gpl and not reg.t & ALLOC:
        ck.fail(
            "license", f"Cannot access kernel 'struct {name}' from non-GPL compatible program",
            idx, number, name=f"struct {name}",
        )  # fmt: skip
    if off < 0:
        ck.fail(
            "btf-pointer", f"R{number} is ptr_{name} invalid negative access: off={off}", idx,
            number, off=off, size=size, struct=name, problem="negative",
        )  # fmt: skip
    if reg.v.m or reg.v.v:
        ck.fail(
            "btf-pointer", f"R{number} is ptr_{name} invalid variable offset: off={off}, var_off="
            f"{tnum.show(reg.v.v, reg.v.m)}", idx, number, off=off, size=size, struct=name,
            problem="variable", val=reg.v,
        )  # fmt: skip
    for flag, word in ((USER, "user"), (PERCPU, "percpu")):
        if reg.t & flag:
            ck.fail(
                "btf-pointer", f"R{number} is ptr_{name} access {word} memory: off={off}", idx,
                number, off=off, size=size, struct=name, problem=word,
            )  # fmt: skip
    if write:
        check_write(ck, idx, number, reg, off, size)
        if not reg.t & ALLOC:
            return None
    if reg.t & ALLOC:
        for field in owned.fields(ck, struct_):
            if off < field.off + field.size and field.off < off + size:
                ck.fail(
                    "special-field", f"direct access to {field.kind} is disallowed", idx, number,
                    field=field, map=struct_,
                )  # fmt: skip
    found = _walk(ck, idx, number, struct_, off, size)
    if write:
        return None
    if found.kind == "scalar":
        return regs.ANY
    if reg.t & ALLOC:
        return regs.ANY
    if found.kind == "void":
        if ck.kernel < (6, 17):
            return regs.ANY
        return Reg(regs.MEM | RDONLY | UNTRUSTED, x=0)
    flags = _pointer_flags(ck, reg, found)
    identity = ck.new_id() if flags & MAYBE_NULL else 0
    return Reg(regs.BTF_ID | flags, id=identity, x=found.target)


def in_rcu(ck: Checker) -> bool:
    """Tell whether what RCU protects stays valid here."""
    state = ck.state
    return bool(state.rcu or state.locks or not ck.sleepable_now())


def _pointer_flags(ck: Checker, reg: Reg, found: _Walk) -> int:
    if reg.t & UNTRUSTED:
        return UNTRUSTED
    is_trusted = bool(reg.ref or reg.t & TRUSTED) and not reg.t & UNTRUSTED
    is_rcu = bool(reg.t & RCU)
    if not (is_trusted or is_rcu):
        return found.flags & (PERCPU | USER)
    assert isinstance(reg.x, Struct)
    path = f"{reg.x.name}.{found.field}"
    flags = found.flags
    if path in tracing.SAFE_TRUSTED:
        return flags | TRUSTED
    if path in tracing.SAFE_TRUSTED_OR_NULL:
        return flags | TRUSTED | MAYBE_NULL
    if in_rcu(ck) and not reg.t & MAYBE_NULL:
        if path in tracing.SAFE_RCU:
            return flags | RCU
        if flags & RCU or path in tracing.SAFE_RCU_OR_NULL:
            flags |= RCU | MAYBE_NULL
            if path in tracing.SAFE_RCU_OR_NULL:
                flags &= ~UNTRUSTED
            return flags
        if flags & (PERCPU | USER):
            return flags
        return flags & ~(RCU | TRUSTED | UNTRUSTED)
    return UNTRUSTED


def _walk(ck: Checker, idx: int, number: int, struct_: Struct, off: int, size: int) -> _Walk:
    flags = 0
    current: Struct = struct_
    while True:
        if type(current) is Union and len(current.members) != 1:
            flags |= UNTRUSTED
        members = current.members
        if off + size > current.size:
            last = strip(members[-1].type) if members else None
            start = members[-1].bit_offset // 8 if members else 0
            if not isinstance(last, Array) or last.nelems or off < start:
                ck.fail(
                    "btf-pointer", f"access beyond struct {current.name} at off {off} size {size}",
                    idx, number, off=off, size=size, struct=current.name, problem="beyond",
                )  # fmt: skip
            element = strip(last.type)
            if isinstance(element, Int):
                return _Walk("scalar", None, flags, current.name, members[-1].name)
            if not isinstance(element, Struct):
                ck.fail(
                    "btf-pointer", f"access beyond struct {current.name} at off {off} size {size}",
                    idx, number, off=off, size=size, struct=current.name, problem="beyond",
                )  # fmt: skip
            off = (off - start) % element.size
            current = element
            continue
        step = _member(ck, idx, number, current, off, size, flags)
        if isinstance(step, _Walk):
            return step
        current, off, flags = step


def _member(
    ck: Checker, idx: int, number: int, current: Struct, off: int, size: int, flags: int
) -> _Walk | tuple[Struct, int, int]:
    name = current.name
    for member in current.members:
        start = member.bit_offset // 8
        if off + size <= start:
            break
        if member.bitfield_size:
            end = (member.bit_offset + member.bitfield_size + 7) // 8
            if off <= start and end <= off + size:
                return _Walk("scalar", None, flags, name, member.name)
            continue
        if off < start:
            break
        kind = strip(member.type)
        end = start + byte_size(kind)
        if off >= end:
            continue
        while isinstance(kind, Array):
            element = byte_size(kind.type)
            if not element:
                break
            start += (off - start) // element * element
            kind = strip(kind.type)
        if isinstance(kind, Struct):
            if type(kind) is Union and len(kind.members) != 1:
                flags |= UNTRUSTED
            return kind, off - start, flags
        if isinstance(kind, Ptr):
            if size != 8 or off != start:
                ck.fail(
                    "btf-pointer", f"cannot access ptr member {member.name} with moff {start} in"
                    f" struct {name} with off {off} size {size}", idx, number, off=off, size=size,
                    struct=name, problem="partial",
                )  # fmt: skip
            tagged = flags
            inner = kind.type
            if isinstance(inner, TypeTag):
                tagged |= {"user": USER, "percpu": PERCPU, "rcu": RCU}.get(inner.name, 0)
            target = strip(inner)
            if isinstance(target, Struct):
                return _Walk("ptr", target, tagged, name, member.name)
            return _Walk("void", None, flags, name, member.name)
        if off + size > end and not flags & UNTRUSTED:
            ck.fail(
                "btf-pointer", f"access beyond the end of member {member.name} (mend:{end}) in"
                f" struct {name} with off {off} size {size}", idx, number, off=off, size=size,
                struct=name, problem="beyond",
            )  # fmt: skip
        return _Walk("scalar", None, flags, name, member.name)
    ck.fail(
        "btf-pointer", f"struct {name} doesn't have field at offset {off}", idx, number, off=off,
        size=size, struct=name, problem="hole",
    )  # fmt: skip


def struct_at(type: object, off: int, wanted: str) -> bool:
    """Tell whether a struct named ``wanted`` starts at ``off`` bytes into ``type``."""
    current = type
    for _ in range(16):
        if not isinstance(current, Struct):
            return False
        if off == 0 and current.name == wanted:
            return True
        for member in current.members:
            start = member.bit_offset // 8
            kind = strip(member.type)
            if start <= off < start + max(byte_size(kind), 1) and isinstance(kind, Struct):
                current, off = kind, off - start
                break
        else:
            return False
    return False


def map_access(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool
) -> Reg | None:
    """Check a load from the map object itself (``struct bpf_map`` fields)."""
    info = reg.x
    assert isinstance(info, MapInfo)
    name = _MAP_STRUCTS.get(info.type, "bpf_map")
    if not ck.leaks:
        ck.fail(
            "unprivileged", f"'struct {name}' access is allowed only to CAP_PERFMON and"
            " CAP_SYS_ADMIN", idx, number,
        )  # fmt: skip
    if off < 0:
        ck.fail(
            "btf-pointer", f"R{number} is {name} invalid negative access: off={off}", idx,
            number, off=off, size=size, struct=name, problem="negative",
        )  # fmt: skip
    if write:
        ck.fail("read-only", f"only read from {name} is supported", idx, number, kind=reg.t)
    if ck.vmlinux is None:
        ck.unknown("reading a map's own fields needs the kernel's BTF", idx)
    own = kernel_struct(ck, name)
    assert isinstance(own, Struct)
    found = _walk(ck, idx, number, own, off, size)
    if found.kind == "ptr":
        return Reg(regs.BTF_ID | UNTRUSTED, x=found.target)
    return regs.ANY


# The kernel's own struct of a map, by map type.
_MAP_STRUCTS: dict[int, str] = {
    MapType.HASH: "bpf_htab",
    MapType.ARRAY: "bpf_array",
    MapType.PROG_ARRAY: "bpf_array",
    MapType.PERF_EVENT_ARRAY: "bpf_array",
    MapType.PERCPU_HASH: "bpf_htab",
    MapType.PERCPU_ARRAY: "bpf_array",
    MapType.STACK_TRACE: "bpf_stack_map",
    MapType.CGROUP_ARRAY: "bpf_array",
    MapType.LRU_HASH: "bpf_htab",
    MapType.LRU_PERCPU_HASH: "bpf_htab",
    MapType.LPM_TRIE: "lpm_trie",
    MapType.ARRAY_OF_MAPS: "bpf_array",
    MapType.HASH_OF_MAPS: "bpf_htab",
    MapType.DEVMAP: "bpf_dtab",
    MapType.SOCKMAP: "bpf_stab",
    MapType.CPUMAP: "bpf_cpu_map",
    MapType.XSKMAP: "xsk_map",
    MapType.SOCKHASH: "bpf_shtab",
    MapType.CGROUP_STORAGE: "bpf_cgroup_storage_map",
    MapType.REUSEPORT_SOCKARRAY: "reuseport_array",
    MapType.PERCPU_CGROUP_STORAGE: "bpf_cgroup_storage_map",
    MapType.QUEUE: "bpf_queue_stack",
    MapType.STACK: "bpf_queue_stack",
    MapType.SK_STORAGE: "bpf_local_storage_map",
    MapType.DEVMAP_HASH: "bpf_dtab",
    MapType.RINGBUF: "bpf_ringbuf_map",
    MapType.INODE_STORAGE: "bpf_local_storage_map",
    MapType.TASK_STORAGE: "bpf_local_storage_map",
    MapType.BLOOM_FILTER: "bpf_bloom_filter",
    MapType.USER_RINGBUF: "bpf_ringbuf_map",
    MapType.CGRP_STORAGE: "bpf_local_storage_map",
}
