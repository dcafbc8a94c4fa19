"""Which memory may be accessed: one function per kind of pointer, and the load and store steps.

Source: kernel ``check_mem_access`` and the checks it calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..isa.insn import Insn
from ..uapi import contexts
from ..uapi.map_types import MapFlag
from ..uapi.prog_types import ProgType
from . import bounds, btfwalk, kptrs, regs, stack, tnum
from .bounds import S64_MIN, signed64
from .liveness import commit, mark_read, mark_written
from .regs import BASE, MAYBE_NULL, NOT_INIT, RDONLY, SCALAR, UNTRUSTED, Reg, type_name
from .subject import MapInfo
from .tnum import U64

if TYPE_CHECKING:
    from .checker import Checker

MAX_VAR_OFF = 1 << 29
Step = Callable[[list[Reg]], None]

_NEGATIVE = "R{} min value is negative, either use unsigned index or do a if (index >=0) check."
_UNBOUNDED = "R{} unbounded memory access, make sure to bounds check any such access"


# Regions -------------------------------------------------------------------------------------


def check_region(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, limit: int, zero_ok: bool,
) -> None:  # fmt: skip
    """Check [off, off + size) plus the variable offset of ``reg`` against ``limit`` bytes.

    ``off`` includes ``reg.off``. Source: kernel ``check_mem_region_access``.
    """
    val = reg.v
    low = val.smin + off
    if val.smin < 0 and (val.smin == S64_MIN or not -(1 << 31) <= low < 1 << 31 or low < 0):
        ck.fail(
            "unbounded-index", _NEGATIVE.format(number), idx, number, val=val, off=off,
            size=size, limit=limit, negative=True,
        )  # fmt: skip
    if low < 0 or low + size > limit or (not size and not zero_ok):
        _out(ck, idx, number, reg, low, size, limit, False)
    if val.umax >= MAX_VAR_OFF:
        ck.fail(
            "unbounded-index", _UNBOUNDED.format(number), idx, number, val=val, off=off,
            size=size, limit=limit, negative=False,
        )  # fmt: skip
    high = val.umax + off
    if high < 0 or high + size > limit:
        _out(ck, idx, number, reg, high, size, limit, True)


def _out(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, limit: int, high: bool
) -> None:
    base = reg.t & BASE
    if base == regs.MAP_KEY:
        text, rule = f"invalid access to map key, key_size={limit} off={off} size={size}", "record"
    elif base == regs.MAP_VALUE:
        text = f"invalid access to map value, value_size={limit} off={off} size={size}"
        rule = "map-value-bounds"
    elif base in (regs.PKT, regs.PKT_META, regs.PKT_END):
        text = (
            f"invalid access to packet, off={off} size={size},"
            f" R{number}(id={reg.id},off={reg.off},r={limit})"
        )
        rule = "packet-bounds"
    else:
        text = f"invalid access to memory, mem_size={limit} off={off} size={size}"
        rule = "record-bounds"
    if rule == "record":
        rule = "record-bounds"
    ck.fail(rule, text, idx, number, off=off, size=size, limit=limit, val=reg.v, high=high)


def check_map(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, zero_ok: bool,
    helper: bool,
) -> None:  # fmt: skip
    """Check an access to a map's value; ``off`` includes ``reg.off``."""
    info = reg.x
    assert isinstance(info, MapInfo)
    check_region(ck, idx, number, reg, off, size, info.value_size, zero_ok)
    if not info.fields:
        return
    low, high = reg.v.smin + off, reg.v.umax + off + size
    for field in info.fields:
        if not (low < field.off + field.size and field.off < high):
            continue
        if field.kind.startswith(("kptr", "uptr")):
            if helper:
                ck.fail(
                    "special-field", "kptr cannot be accessed indirectly by helper", idx, number,
                    field=field, map=info,
                )  # fmt: skip
            if reg.v.m:
                ck.fail(
                    "special-field", "kptr access cannot have variable offset", idx, number,
                    field=field, map=info,
                )  # fmt: skip
            if field.off != off + signed64(reg.v.v):
                ck.fail(
                    "special-field", f"kptr access misaligned expected={field.off}"
                    f" off={off + signed64(reg.v.v)}", idx, number, field=field, map=info,
                )  # fmt: skip
            if size != 8:
                ck.fail(
                    "special-field", "kptr access size must be BPF_DW", idx, number, field=field,
                    map=info,
                )  # fmt: skip
            continue
        ck.fail(
            "special-field", f"{field.kind} cannot be accessed directly by load/store", idx,
            number, field=field, map=info, low=low, high=high,
        )  # fmt: skip


def check_map_type(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool
) -> None:
    """Check read-only and write-only maps."""
    info = reg.x
    assert isinstance(info, MapInfo)
    if write and info.flags & MapFlag.RDONLY_PROG:
        ck.fail(
            "read-only-map", f"write into map forbidden, value_size={info.value_size} off={off}"
            f" size={size}", idx, number, map=info, off=off,
        )  # fmt: skip
    if not write and info.flags & MapFlag.WRONLY_PROG:
        ck.fail(
            "write-only-map", f"read from map forbidden, value_size={info.value_size} off={off}"
            f" size={size}", idx, number, map=info, off=off,
        )  # fmt: skip


def check_packet(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, zero_ok: bool
) -> None:
    """Check an access to packet bytes; ``off`` includes ``reg.off``."""
    if reg.v.smin < 0:
        ck.fail(
            "unbounded-index", _NEGATIVE.format(number), idx, number, val=reg.v, off=off,
            size=size, limit=0, negative=True,
        )  # fmt: skip
    reach = reg.x
    assert isinstance(reach, int)
    if reach < 0 or off < 0 or off + size > reach or (not size and not zero_ok):
        _out(ck, idx, number, reg, off, size, reach if reach >= 0 else 0, False)


def check_modified(ck: Checker, idx: int, number: int, reg: Reg, fixed_ok: bool = False) -> None:
    """Reject a pointer that must be as it was given. Source: kernel ``__check_ptr_off_reg``."""
    name = type_name(reg.t)
    if reg.off < 0:
        ck.fail(
            "modified-pointer", f"negative offset {name} ptr R{number} off={reg.off} disallowed",
            idx, number, off=reg.off, kind=reg.t,
        )  # fmt: skip
    if not fixed_ok and reg.off:
        ck.fail(
            "modified-pointer", f"dereference of modified {name} ptr R{number} off={reg.off}"
            " disallowed", idx, number, off=reg.off, kind=reg.t,
        )  # fmt: skip
    if reg.v.m or reg.v.v:
        direct = reg.t == regs.CTX and ck.insns[idx].opcode != isa.JMP | isa.CALL
        ck.fail(
            "context-variable" if direct else "variable-pointer",
            f"variable {name} access var_off={tnum.show(reg.v.v, reg.v.m)} disallowed", idx, number,
            kind=reg.t, val=reg.v,
        )  # fmt: skip


def _check_buffer(ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int) -> None:
    if off < 0:
        ck.fail(
            "record-bounds", f"R{number} invalid {type_name(reg.t)} buffer access: off={off},"
            f" size={size}", idx, number, off=off, size=size, limit=0, val=reg.v, high=False,
        )  # fmt: skip
    if reg.v.m or reg.v.v:
        ck.fail(
            "variable-pointer", f"R{number} invalid variable buffer offset: off={off}, var_off="
            f"{tnum.show(reg.v.v, reg.v.m)}", idx, number, kind=reg.t, val=reg.v,
        )  # fmt: skip


# Accesses ------------------------------------------------------------------------------------


def check_alignment(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, strict: bool
) -> None:
    """Reject a misaligned access of the stack, or of anything where ``strict``."""
    base = reg.t & BASE
    if base == regs.STACK:
        strict = True
    if not strict or size == 1:
        return
    total = reg.off + off
    val = reg.v
    ip = 2 if base in (regs.PKT, regs.PKT_META) else 0
    v, m = tnum.add(val.v, val.m, (total + ip) & U64, 0)
    if not tnum.is_aligned(v, m, size):
        word = {
            regs.STACK: "stack ",
            regs.MAP_VALUE: "value ",
            regs.MAP_KEY: "key ",
            regs.CTX: "context ",
            regs.PKT: "packet ",
            regs.PKT_META: "packet ",
            regs.FLOW_KEYS: "flow keys ",
        }.get(base, "")
        ck.fail(
            "alignment", f"misaligned {word}access off {tnum.show(val.v, val.m)}+{reg.off}+{off}"
            f" size {size}", idx, number, off=total, size=size, kind=reg.t,
        )  # fmt: skip


def access(
    ck: Checker, idx: int, number: int, off: int, size: int, *, write: bool, value: Reg | None,
    src: int = -1, imm: int | None = None, dst: int = -1, signed: bool = False,
    strict: bool = False,
) -> Reg | None:  # fmt: skip
    """Check one access through register ``number``; return what a load gives.

    For a store ``value`` is the register stored (``src`` its number) or None with ``imm``. ``dst``
    -1 on a load: the loaded value goes nowhere.
    """
    reg = ck.frame.regs[number]
    check_alignment(ck, idx, number, reg, off, size, strict)
    handler = _HANDLERS.get(reg.t & BASE)
    if handler is None or (reg.t & MAYBE_NULL or (reg.t & BASE in _PLAIN and reg.t & ~BASE)):
        bad_access(ck, idx, number, reg, off, size)
        raise AssertionError
    if reg.t & BASE == regs.STACK:
        if write:
            stack.write(ck, idx, number, reg, off + reg.off, size, value, src, imm)
            return None
        loaded = stack.read(ck, idx, number, reg, off + reg.off, size, dst)
    else:
        if write and value is not None and ck.leaking(value):
            where = {
                regs.MAP_VALUE: "map",
                regs.CTX: "ctx",
                regs.PKT: "packet",
                regs.PKT_META: "packet",
                regs.MEM: "mem",
                regs.FLOW_KEYS: "flow keys",
            }.get(reg.t & BASE)
            if where:
                ck.fail("unprivileged", f"R{src} leaks addr into {where}", idx, src)
        if imm is not None:
            value = regs.const(imm & (1 << 64) - 1)
        loaded = handler(ck, idx, number, reg, off + reg.off, size, write, value, signed)
    if loaded is None or loaded.t != SCALAR or size == 8:
        return loaded
    if loaded is regs.ANY:
        return regs.LOADED_SIGNED[size] if signed else regs.LOADED[size]
    narrowed = bounds.extend(loaded.v, size) if signed else bounds.truncate(loaded.v, size)
    if narrowed is loaded.v:
        return loaded
    if not loaded.id:
        return regs.scalar(narrowed)
    return Reg(SCALAR, narrowed, loaded.off, loaded.id)


def bad_access(ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int) -> None:
    """Reject an access through something that is no (certain) pointer."""
    text = f"R{number} invalid mem access '{type_name(reg.t)}'"
    facts = {"kind": reg.t, "off": off, "size": size, "val": reg.v}
    if reg.t & MAYBE_NULL:
        ck.fail("null-deref", text, idx, number, **facts)
    if reg.t == SCALAR:
        ck.fail("scalar-deref", text, idx, number, **facts)
    ck.fail("kind-deref", text, idx, number, **facts)


_Handler = Callable[["Checker", int, int, Reg, int, int, bool, "Reg | None", bool], "Reg | None"]


def _map_value(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    info = reg.x
    assert isinstance(info, MapInfo)
    if info.flags & (MapFlag.RDONLY_PROG | MapFlag.WRONLY_PROG):
        check_map_type(ck, idx, number, reg, off, size, write)
    check_map(ck, idx, number, reg, off, size, False, False)
    if info.fields and not reg.v.m:
        at = off + signed64(reg.v.v)
        for field in info.fields:
            if field.off == at and field.kind.startswith(("kptr", "uptr")):
                src = ck.insns[idx].src if value is not None else -1
                return kptrs.access(ck, idx, number, info, field, write, value, src)
    if write:
        return None
    if info.data is not None and info.frozen and not reg.v.m:
        at = off + signed64(reg.v.v)
        return regs.const(int.from_bytes(info.data[at : at + size], "little", signed=signed) & U64)
    return regs.ANY


def _map_key(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    if write:
        ck.fail("read-only", f"write to change key R{number} not allowed", idx, number,
                kind=reg.t)  # fmt: skip
    info = reg.x
    assert isinstance(info, MapInfo)
    check_region(ck, idx, number, reg, off, size, info.key_size, False)
    return regs.ANY


def _mem(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    if write and reg.t & RDONLY:
        ck.fail(
            "read-only", f"R{number} cannot write into {type_name(reg.t)}", idx, number, kind=reg.t
        )
    if not (reg.t & RDONLY and reg.t & UNTRUSTED):
        size_limit = reg.x
        assert isinstance(size_limit, int)
        check_region(ck, idx, number, reg, off, size, size_limit, False)
    return None if write else regs.ANY


def _packet(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    if write and not ck.may_write_packet():
        ck.fail("packet-write", "cannot write into packet", idx, number, kind=reg.t)
    check_packet(ck, idx, number, reg, off, size, False)
    return None if write else regs.ANY


def _ctx(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    check_modified(ck, idx, number, reg, ck.prog_type == ProgType.SYSCALL and False)
    at = off - reg.off
    return context_access(ck, idx, number, at, size, write=write, signed=signed)


def context_access(
    ck: Checker, idx: int, number: int, at: int, size: int, *, write: bool, signed: bool = False
) -> Reg | None:
    """Check an access of ``size`` bytes at offset ``at`` of the context; return what it loads."""
    flat = contexts.FLAT.get(ck.prog_type)
    if flat is not None:
        low, end, writable = flat
        good = low <= at < end and at % size == 0 and (writable or not write)
        if ck.prog_type == ProgType.RAW_TRACEPOINT_WRITABLE and not at and size == 8 and not write:
            return Reg(regs.TP_BUFFER)
        if good:
            return None if write else regs.ANY
        _bad_context(ck, idx, number, at, size, write)
    if ck.ctx_args is not None:
        return btfwalk.context_load(ck, idx, number, at, size, write)
    if ck.prog_type in (ProgType.TRACING, ProgType.LSM, ProgType.STRUCT_OPS, ProgType.EXT):
        ck.unknown("the arguments of this program type need the kernel's BTF", idx)
    found = contexts.find(ck.fields, at)
    if found is None or not found.allows(at, size, write=write):
        _bad_context(ck, idx, number, at, size, write)
        raise AssertionError
    if signed and found.pointer:
        _bad_context(ck, idx, number, at, size, write)
    if write:
        return None
    return pointer_for(ck, found.pointer)


def pointer_for(ck: Checker, kind: str) -> Reg:
    """Return the register that a context field of that pointer kind loads."""
    if not kind:
        return regs.ANY
    if kind == "pkt":
        return Reg(regs.PKT, x=0)
    if kind == "pkt_end":
        return Reg(regs.PKT_END, x=0)
    if kind == "pkt_meta":
        return Reg(regs.PKT_META, x=0)
    if kind == "flow_keys":
        return Reg(regs.FLOW_KEYS)
    if kind == "sock":
        return Reg(regs.SOCKET)
    if kind == "sock_or_null":
        return Reg(regs.SOCKET | MAYBE_NULL, id=ck.new_id())
    if kind == "sock_common_or_null":
        return Reg(regs.SOCK_COMMON | MAYBE_NULL, id=ck.new_id())
    return btfwalk.trusted(ck, kind.removeprefix("btf:"))


def _bad_context(ck: Checker, idx: int, number: int, at: int, size: int, write: bool) -> None:
    ck.fail(
        "context-access", f"invalid bpf_context access off={at} size={size}", idx, number, off=at,
        size=size, write=write,
    )  # fmt: skip


def _flow_keys(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    limit = contexts.SIZES["bpf_flow_keys"]
    if off < 0 or off + size > limit:
        ck.fail(
            "record-bounds", f"invalid access to flow keys off={off} size={size}", idx, number,
            off=off, size=size, limit=limit, val=reg.v, high=False,
        )  # fmt: skip
    return None if write else regs.ANY


_sock_fields = contexts.sock_fields()
_COMMON_HIDDEN = ("type", "protocol", "mark", "priority")


def _sock(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    name = type_name(reg.t)
    if write:
        ck.fail("read-only", f"R{number} cannot write into {name}", idx, number, kind=reg.t)
    if reg.v.smin < 0:
        ck.fail(
            "unbounded-index", _NEGATIVE.format(number), idx, number, val=reg.v, off=off,
            size=size, limit=0, negative=True,
        )  # fmt: skip
    base = reg.t & BASE
    good = False
    if base == regs.TCP_SOCK:
        limit = contexts.SIZES["bpf_tcp_sock"]
        wide = off in (80, 88)  # bytes_received, bytes_acked
        good = 0 <= off < limit and off % size == 0 and size == (8 if wide else 4)
    elif base == regs.XDP_SOCK:
        good = off in (0,) and size == 4
        if ck.vmlinux is not None and off == 0:
            good = size == 4
    else:
        field = contexts.find(_sock_fields, off)
        good = field is not None and field.allows(off, size, write=False)
        if base == regs.SOCK_COMMON and field is not None and field.name in _COMMON_HIDDEN:
            good = False
    if not good or reg.v.m:
        ck.fail(
            "socket-access", f"R{number} invalid {name} access off={off} size={size}", idx,
            number, off=off, size=size, kind=reg.t,
        )  # fmt: skip
    return regs.ANY


def _tp_buffer(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    _check_buffer(ck, idx, number, reg, off, size)
    return None if write else regs.ANY


def _buf(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    if write and reg.t & RDONLY:
        ck.fail(
            "read-only", f"R{number} cannot write into {type_name(reg.t)}", idx, number, kind=reg.t
        )
    _check_buffer(ck, idx, number, reg, off, size)
    return None if write else regs.ANY


def _arena(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    return None if write else regs.ANY


def _btf(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    return btfwalk.access(ck, idx, number, reg, off, size, write)


def _map_ptr(
    ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int, write: bool,
    value: Reg | None, signed: bool,
) -> Reg | None:  # fmt: skip
    return btfwalk.map_access(ck, idx, number, reg, off, size, write)


_HANDLERS: dict[int, _Handler] = {
    regs.MAP_VALUE: _map_value,
    regs.MAP_KEY: _map_key,
    regs.MEM: _mem,
    regs.PKT: _packet,
    regs.PKT_META: _packet,
    regs.CTX: _ctx,
    regs.FLOW_KEYS: _flow_keys,
    regs.SOCKET: _sock,
    regs.SOCK_COMMON: _sock,
    regs.TCP_SOCK: _sock,
    regs.XDP_SOCK: _sock,
    regs.TP_BUFFER: _tp_buffer,
    regs.BUF: _buf,
    regs.ARENA: _arena,
    regs.BTF_ID: _btf,
    regs.MAP_PTR: _map_ptr,
    regs.STACK: _arena,  # handled before the table; here so that the lookup succeeds
}
# Kinds whose flags other than MAYBE_NULL make them inaccessible.
_PLAIN = frozenset({regs.MAP_VALUE, regs.CTX, regs.STACK, regs.PKT, regs.PKT_META})


# Steps ---------------------------------------------------------------------------------------

_MISMATCH = frozenset(
    {
        regs.CTX,
        regs.SOCKET,
        regs.SOCK_COMMON,
        regs.TCP_SOCK,
        regs.XDP_SOCK,
        regs.BTF_ID,
        regs.ARENA,
    }
)


def remember_kind(ck: Checker, idx: int, kind: int, merge: bool) -> None:
    """Reject one instruction that serves pointers which the JIT treats differently.

    Source: kernel ``save_aux_ptr_type``.
    """
    previous = ck.ptr_types.get(idx)
    if previous is None:
        ck.ptr_types[idx] = kind
        return
    if previous == kind:
        return
    a, b = kind & BASE, previous & BASE
    if a not in _MISMATCH and b not in _MISMATCH:
        return
    mem = (regs.MEM, regs.BTF_ID)
    if merge and a in mem and b in mem:
        merged = regs.MEM if regs.MEM in (a, b) else regs.BTF_ID
        ck.ptr_types[idx] = merged | (kind | previous) & (UNTRUSTED | RDONLY)
        return
    insn = ck.insns[idx]
    number = insn.src if insn.opcode & 7 == isa.LDX else insn.dst
    ck.fail(
        "different-pointers", "same insn cannot be used with different pointers", idx, number,
        kind=kind, previous=previous,
    )  # fmt: skip


def compile_load(ck: Checker, idx: int, insn: Insn) -> Step:
    """Return the step for an LDX instruction."""
    size = isa.SIZE_BYTES[insn.opcode & 0x18]
    signed = insn.opcode & 0xE0 == isa.MEMSX
    dst, src, off = insn.dst, insn.src, insn.off
    if dst == 10:
        return _frame_pointer(ck, idx)
    unknown = regs.LOADED_SIGNED[size] if signed else regs.LOADED[size]
    ptr_types = ck.ptr_types
    fast = src == 10 and size == 8 and -512 <= off <= -8 and off % 8 == 0
    spi = (-off - 1) >> 3
    bit = 1 << spi if fast else 0
    place = idx - ck.subject.sub_at(idx).start

    def step(registers: list[Reg]) -> None:
        base = registers[src]
        if fast:
            # The frequent case: a whole slot of the own frame that holds a register.
            frame = ck.frame
            if spi < len(frame.stack):
                item = frame.stack[spi]
                if item.__class__ is Reg and (item.t != SCALAR or item.id or not item.v.m):
                    if not ck.own_read[place] & bit:
                        mark_read(ck, frame.number, idx, bit)
                    registers[dst] = item
                    ptr_types[idx] = regs.STACK
                    return
        kind = base.t
        if kind == NOT_INIT:
            ck.fail("uninit-reg", f"R{src} !read_ok", idx, src)
        loaded = access(ck, idx, src, off, size, write=False, value=None, dst=dst, signed=signed)
        if ptr_types.get(idx) != kind:
            remember_kind(ck, idx, kind, True)
        registers[dst] = loaded if loaded is not None else unknown

    return step


def _frame_pointer(ck: Checker, idx: int) -> Step:
    def step(registers: list[Reg]) -> None:
        ck.fail("frame-pointer", "frame pointer is read only", idx, 10)

    return step


def compile_store(ck: Checker, idx: int, insn: Insn) -> Step:
    """Return the step for an ST or STX instruction, atomics too."""
    size = isa.SIZE_BYTES[insn.opcode & 0x18]
    if insn.opcode & 0xE0 == isa.ATOMIC:
        return _compile_atomic(ck, idx, insn, size)
    dst, src, off, imm = insn.dst, insn.src, insn.off, insn.imm
    ptr_types = ck.ptr_types
    place = idx - ck.subject.sub_at(idx).start
    if insn.opcode & 7 == isa.ST:

        def store_imm(registers: list[Reg]) -> None:
            kind = registers[dst].t
            if kind == NOT_INIT:
                ck.fail("uninit-reg", f"R{dst} !read_ok", idx, dst)
            access(ck, idx, dst, off, size, write=True, value=None, imm=imm)
            if ck.writes or ck.own_must[place]:
                commit(ck, idx)
            if ptr_types.get(idx) != kind:
                remember_kind(ck, idx, kind, False)

        return store_imm
    fast = dst == 10 and size == 8 and -512 <= off <= -8 and off % 8 == 0
    spi = (-off - 1) >> 3
    bit = 1 << spi if fast else 0

    def store(registers: list[Reg]) -> None:
        value = registers[src]
        if value.t == NOT_INIT:
            ck.fail("uninit-reg", f"R{src} !read_ok", idx, src)
        if fast:
            frame = ck.frame
            if spi < len(frame.stack):
                item = frame.stack[spi]
                if (item is None or item.__class__ is Reg) and (
                    value.t != SCALAR or not value.id & regs.ADD_CONST
                ) and (value.t != SCALAR or value.id or not value.v.m):  # fmt: skip
                    frame.stack[spi] = value
                    if ck.own_must[place] != bit:
                        mark_written(ck, frame.number, bit)
                        commit(ck, idx)
                    ptr_types[idx] = regs.STACK
                    return
        kind = registers[dst].t
        if kind == NOT_INIT:
            ck.fail("uninit-reg", f"R{dst} !read_ok", idx, dst)
        access(ck, idx, dst, off, size, write=True, value=value, src=src)
        if ck.writes or ck.own_must[place]:
            commit(ck, idx)
        if ptr_types.get(idx) != kind:
            remember_kind(ck, idx, kind, False)

    return store


_ATOMIC_OPS = {0x00, 0x40, 0x50, 0xA0, 0x01, 0x41, 0x51, 0xA1, isa.XCHG, isa.CMPXCHG}
_NO_ATOMIC = {
    regs.CTX: "ctx",
    regs.PKT: "pkt",
    regs.PKT_META: "pkt_meta",
    regs.FLOW_KEYS: "flow_keys",
    regs.SOCKET: "sock",
    regs.SOCK_COMMON: "sock_common",
    regs.TCP_SOCK: "tcp_sock",
    regs.XDP_SOCK: "xdp_sock",
}


def _compile_atomic(ck: Checker, idx: int, insn: Insn, size: int) -> Step:
    op, dst, src, off = insn.imm, insn.dst, insn.src, insn.off
    if op == isa.LOAD_ACQ or op == isa.STORE_REL:
        return _load_acquire(ck, idx, insn, size)
    if op not in _ATOMIC_OPS:
        return _invalid_atomic(ck, idx, f"BPF_ATOMIC uses invalid atomic opcode {op:02x}")
    if size not in (4, 8):
        return _invalid_atomic(ck, idx, f"invalid atomic access size {size}")
    fetch = bool(op & isa.FETCH)
    target = 0 if op == isa.CMPXCHG else src

    def step(registers: list[Reg]) -> None:
        value = ck.source(src, idx)
        base = ck.source(dst, idx)
        if op == isa.CMPXCHG:
            expected = ck.source(0, idx)
            if ck.leaking(expected):
                ck.fail("unprivileged", "R0 leaks addr into mem", idx, 0)
        if ck.leaking(value):
            ck.fail("unprivileged", f"R{src} leaks addr into mem", idx, src)
        kind = base.t & BASE
        if kind in _NO_ATOMIC:
            ck.fail(
                "atomic-memory", f"BPF_ATOMIC stores into R{dst} {type_name(base.t)} is not"
                " allowed", idx, dst, kind=base.t,
            )  # fmt: skip
        if fetch and target == 10:
            ck.fail("frame-pointer", "frame pointer is read only", idx, 10)
        access(ck, idx, dst, off, size, write=False, value=None, dst=-1, strict=True)
        loaded = None
        if fetch:
            loaded = access(ck, idx, dst, off, size, write=False, value=None, dst=target)
        # The new contents are some mix: plain bytes.
        access(ck, idx, dst, off, size, write=True, value=None, strict=True)
        if fetch:
            registers[target] = loaded if loaded is not None else regs.LOADED[size]
        commit(ck, idx)
        remember_kind(ck, idx, base.t, False)

    return step


def _load_acquire(ck: Checker, idx: int, insn: Insn, size: int) -> Step:
    if insn.imm == isa.LOAD_ACQ:
        plain = compile_load(ck, idx, Insn(isa.LDX | isa.MEM | insn.opcode & 0x18, insn.dst,
                                           insn.src, insn.off))  # fmt: skip
        pointer = insn.src
    else:
        plain = compile_store(ck, idx, Insn(isa.STX | isa.MEM | insn.opcode & 0x18, insn.dst,
                                            insn.src, insn.off))  # fmt: skip
        pointer = insn.dst

    def step(registers: list[Reg]) -> None:
        base = ck.source(pointer, idx)
        if base.t & BASE in _NO_ATOMIC:
            ck.fail(
                "atomic-memory", f"BPF_ATOMIC loads from R{pointer} {type_name(base.t)} is not"
                " allowed", idx, pointer, kind=base.t,
            )  # fmt: skip
        check_alignment(ck, idx, pointer, base, insn.off, size, True)
        plain(registers)

    return step


def _invalid_atomic(ck: Checker, idx: int, kernel: str) -> Step:
    def step(registers: list[Reg]) -> None:
        ck.fail("atomic-op", kernel, idx)

    return step
