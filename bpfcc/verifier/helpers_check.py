"""Arguments of helpers: one check per argument kind of ``uapi.helpers``.

Source: kernel ``check_func_arg``, ``check_reg_type``, ``check_helper_mem_access``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..uapi.helpers import Helper
from ..uapi.map_types import MapType
from ..uapi.prog_types import ProgType
from . import btfwalk, dynptrs, kptrs, locks, memory, owned, regs, stack
from .bounds import signed64
from .checker import frame_of
from .memory import MAX_VAR_OFF
from .meta import Meta
from .regs import (
    BASE,
    DYN_ANY,
    MAYBE_NULL,
    NOT_INIT,
    PERCPU,
    RCU,
    RDONLY,
    RINGBUF,
    SCALAR,
    TRUSTED,
    Reg,
    type_name,
)
from .state import MISC, SPILL, ZERO
from .subject import MapInfo, SpecialField, is_array

if TYPE_CHECKING:
    from .checker import Checker

_MEM = (
    regs.STACK,
    regs.PKT,
    regs.PKT_META,
    regs.MAP_KEY,
    regs.MAP_VALUE,
    regs.MEM,
    regs.MEM | RINGBUF,
    regs.BUF,
    regs.BTF_ID | TRUSTED,
    regs.CTX,  # programs whose context is plain memory; refused below otherwise
)
_SOCKS = (regs.SOCK_COMMON, regs.SOCKET, regs.TCP_SOCK, regs.XDP_SOCK)
_BTF_SOCKS = (*_SOCKS, regs.BTF_ID, regs.BTF_ID | TRUSTED)
_BTF = (regs.BTF_ID, regs.BTF_ID | TRUSTED, regs.BTF_ID | RCU)
_PERCPU_BTF = (
    regs.BTF_ID | PERCPU,
    regs.BTF_ID | PERCPU | RCU,
    regs.BTF_ID | PERCPU | TRUSTED,
)

# Argument kind -> register kinds that fit. Source: the ``*_types`` tables of verifier.c.
_FITS: dict[str, tuple[int, ...]] = {
    "map": (regs.MAP_PTR,),
    "key": _MEM[:-1],
    "value": _MEM[:-1],
    "outvalue": _MEM[:-1],
    "mem": _MEM,
    "out": _MEM,
    "wmem": _MEM,
    "fix": _MEM,
    "outfix": _MEM,
    "size": (SCALAR,),
    "size0": (SCALAR,),
    "alloc": (SCALAR,),
    "ctx": (regs.CTX,),
    "btf": _BTF,
    "btf_sock": _BTF_SOCKS,
    "sock": _SOCKS,
    "socket": (regs.SOCKET,),
    "func": (regs.FUNC,),
    "stack": (regs.STACK,),
    "lock": (regs.MAP_VALUE, regs.BTF_ID | regs.ALLOC),
    "timer": (regs.MAP_VALUE,),
    "kptr": (regs.MAP_VALUE, regs.BTF_ID | regs.ALLOC),
    "str": (regs.MAP_VALUE,),
    "percpu": _PERCPU_BTF,
    "record": (regs.MEM | RINGBUF,),
    "dynptr": (regs.STACK, regs.DYNPTR),
    "rodynptr": (regs.STACK, regs.DYNPTR),
    "outdynptr": (regs.STACK, regs.DYNPTR),
}
_WRITES = frozenset({"out", "wmem", "outfix", "outvalue"})
_READS = frozenset({"key", "value", "mem", "fix"})


class Arg:
    """An argument kind taken apart: "btf?:cgroup!" is base btf, null, of cgroup, release."""

    __slots__ = ("base", "null", "of", "release", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.release = text.endswith("!")
        body = text.rstrip("!")
        body, _, self.of = body.partition(":")
        self.null = "?" in body
        body = body.replace("?", "")
        self.base, _, kind = body.partition("_") if "dynptr" in body else (body, "", "")
        if kind:
            self.of = kind


_parsed: dict[str, Arg] = {}


def parse(text: str) -> Arg:
    """Return the parts of an argument kind."""
    arg = _parsed.get(text)
    if arg is None:
        arg = _parsed[text] = Arg(text)
    return arg


def check_arguments(ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...]) -> Meta:
    """Check registers 1 to 5 against the helper's argument kinds."""
    meta = Meta()
    for i, text in enumerate(kinds):
        _argument(ck, idx, helper, kinds, i, parse(text), meta)
    return meta


def _argument(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], i: int, arg: Arg, meta: Meta
) -> None:
    number = i + 1
    reg = ck.frame.regs[number]
    t = reg.t
    if t == NOT_INIT:
        ck.fail("uninit-reg", f"R{number} !read_ok", idx, number, helper=helper)
    base = arg.base
    if base == "any":
        if ck.leaking(reg):
            ck.fail("unprivileged", f"R{number} leaks addr into helper function", idx, number)
        return
    if t in (regs.PKT, regs.PKT_META) and not ck.may_pass_packet("pkt" in helper.flags):
        ck.fail(
            "packet-argument", "helper access to the packet is not allowed", idx, number,
            helper=helper,
        )  # fmt: skip
    if base in ("value", "outvalue") and meta.map is not None:
        if meta.map.type in (MapType.SOCKMAP, MapType.SOCKHASH):
            if helper.short != "map_update_elem":
                ck.fail("argument-type", "invalid map_ptr to access map->type", idx, number,
                        helper=helper, kind=t, arg=arg)  # fmt: skip
            arg = parse("btf_sock")
            base = "btf_sock"
        elif meta.map.type == MapType.BLOOM_FILTER and helper.short == "map_peek_elem":
            arg = parse("value")
            base = "value"
    null = t == SCALAR and not reg.v.m and not reg.v.v
    if not (null and arg.null):
        _check_type(ck, idx, helper, number, reg, arg, meta)
        _check_offset(ck, idx, number, reg, arg)
    if arg.release:
        if base == "dynptr":
            if t != regs.STACK:
                ck.fail("release", "cannot release unowned const bpf_dynptr", idx, number,
                        helper=helper)  # fmt: skip
        elif not reg.ref and not null:
            ck.fail(
                "release", f"R{number} must be referenced when passed to release function", idx,
                number, helper=helper, kind=t,
            )  # fmt: skip
        meta.release_reg = number
    if reg.ref and base != "kptr":
        if meta.ref:
            ck.fail(
                "argument-type", f"more than one arg with ref_obj_id R{number} {reg.ref}"
                f" {meta.ref}", idx, number, helper=helper, kind=t, arg=arg,
            )  # fmt: skip
        meta.ref = reg.ref
        meta.ref_reg = number
    check = _CHECKS.get(base)
    if check is not None:
        check(ck, idx, helper, kinds, number, reg, arg, meta)


def _check_type(
    ck: Checker, idx: int, helper: Helper, number: int, reg: Reg, arg: Arg, meta: Meta
) -> None:
    fits = _FITS[arg.base]
    t = reg.t
    if arg.base in _READS and arg.base in ("mem", "fix"):
        t &= ~RDONLY
    if arg.null:
        t &= ~MAYBE_NULL
    if arg.base in ("mem", "out", "wmem", "fix", "outfix"):
        t &= ~DYN_ANY
    if arg.base == "btf" and arg.release and not arg.of:
        # bpf_kptr_xchg: a kernel object, or one that the program allocated.
        t &= ~(regs.ALLOC | PERCPU)
    if arg.base == "timer":
        word = "timer"
        if reg.t != regs.MAP_VALUE:
            _mistyped(ck, idx, helper, number, reg, arg, fits)
        assert word
    if t not in fits or (t == regs.CTX and arg.base != "ctx" and ck.prog_type != ProgType.SYSCALL):
        if t == regs.CTX and arg.base in ("mem", "out", "wmem"):
            _mistyped_memory(ck, idx, helper, number, reg, arg)
        _mistyped(ck, idx, helper, number, reg, arg, fits)
    if arg.base in _WRITES and t & BASE == regs.BTF_ID and ck.kernel >= (6, 13):
        ck.fail(
            "argument-type", f"{helper.name}() may write into memory pointed by R{number}"
            f" type={type_name(reg.t)}", idx, number, helper=helper, kind=reg.t, arg=arg,
        )  # fmt: skip
    if arg.base == "btf" and arg.release and not arg.of:
        if t & BASE == regs.BTF_ID:
            assert isinstance(meta.percpu, SpecialField)
            kptrs.check_value(ck, idx, number, reg, meta.percpu, ck.frame.regs[1].x)
    elif arg.base == "btf" and t & BASE == regs.BTF_ID:
        _check_struct(ck, idx, helper, number, reg, arg)
    if arg.base == "btf_sock" and t & BASE == regs.BTF_ID:
        if not btfwalk.struct_at(reg.x, reg.off, "sock_common"):
            name = getattr(reg.x, "name", "?")
            ck.fail(
                "argument-type", f"R{number} is of type {name} but sock_common is expected", idx,
                number, helper=helper, kind=reg.t, arg=arg,
            )  # fmt: skip


def _check_struct(ck: Checker, idx: int, helper: Helper, number: int, reg: Reg, arg: Arg) -> None:
    if not arg.of:
        return
    strict = arg.release
    if not btfwalk.struct_at(reg.x, 0 if strict else reg.off, arg.of):
        name = getattr(reg.x, "name", "?")
        ck.fail(
            "argument-type", f"R{number} is of type {name} but {arg.of} is expected", idx, number,
            helper=helper, kind=reg.t, arg=arg,
        )  # fmt: skip


_EXPECTED_NAMES = {
    regs.BTF_ID: "ptr_",
    regs.BTF_ID | TRUSTED: "trusted_ptr_",
    regs.BTF_ID | RCU: "rcu_ptr_",
}


def _mistyped(
    ck: Checker, idx: int, helper: Helper, number: int, reg: Reg, arg: Arg,
    fits: tuple[int, ...],
) -> None:  # fmt: skip
    names = ", ".join(_EXPECTED_NAMES.get(one) or type_name(one) for one in fits if one != regs.CTX
                      or arg.base == "ctx")  # fmt: skip
    text = f"R{number} type={type_name(reg.t)} expected={names}"
    rule = "argument-type"
    if reg.t & MAYBE_NULL and (reg.t & ~MAYBE_NULL) in (*fits, regs.MAP_VALUE):
        rule = "null-argument"
    elif arg.base == "ctx":
        rule = "context-argument"
    elif arg.release:
        rule = "release-type"
    ck.fail(rule, text, idx, number, helper=helper, kind=reg.t, arg=arg, val=reg.v)


def _mistyped_memory(
    ck: Checker, idx: int, helper: Helper, number: int, reg: Reg, arg: Arg
) -> None:
    ck.fail(
        "argument-type", f"R{number} type={type_name(reg.t)} expected=fp", idx, number,
        helper=helper, kind=reg.t, arg=arg,
    )  # fmt: skip


_FREE_OFFSET = frozenset(
    {
        regs.STACK,
        regs.PKT,
        regs.PKT_META,
        regs.MAP_KEY,
        regs.MAP_VALUE,
        regs.MEM,
        regs.BUF,
        regs.ARENA,
        SCALAR,
    }
)


def _check_offset(ck: Checker, idx: int, number: int, reg: Reg, arg: Arg) -> None:
    """Source: kernel ``check_func_arg_reg_off``."""
    if arg.release:
        if arg.base == "dynptr" and reg.t == regs.STACK:
            return
        if reg.off:
            ck.fail(
                "release-offset", f"R{number} must have zero offset when passed to release func or"
                " trusted arg to kfunc", idx, number, off=reg.off, kind=reg.t,
            )  # fmt: skip
        memory.check_modified(ck, idx, number, reg)
        return
    base = reg.t & BASE
    if base in _FREE_OFFSET:
        return
    memory.check_modified(ck, idx, number, reg, base == regs.BTF_ID)


# Checks per kind -----------------------------------------------------------------------------

_Check = Callable[["Checker", int, Helper, tuple[str, ...], int, Reg, Arg, Meta], None]


def _map(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    info = reg.x
    assert isinstance(info, MapInfo)
    if meta.map is not None and (meta.map is not info or meta.map_uid != reg.y):
        ck.fail(
            "special-field", f"timer pointer in R1 map_uid={meta.map_uid or 0} doesn't match map"
            f" pointer in R2 map_uid={reg.y or 0}", idx, number, map=meta.map, field=None,
        )  # fmt: skip
    meta.map = info
    meta.map_uid = reg.y
    meta.map_reg = number


def _key(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    if meta.map is None:
        ck.fail("argument-type", "invalid map_ptr to access map->key", idx, number,
                helper=helper, kind=reg.t, arg=arg)  # fmt: skip
    size = meta.map.key_size
    check_memory(ck, idx, number, size, False, False, None, "key")
    if is_array(meta.map.type) and ck.kernel >= (6, 14):
        meta.const_key = _constant_key(ck, reg, size)


def _constant_key(ck: Checker, reg: Reg, size: int) -> int:
    """Return the array index that the key memory holds, -1 when it is not known.

    Source: kernel ``get_constant_map_key``.
    """
    if reg.t != regs.STACK or reg.v.m:
        return -1
    at = reg.off + signed64(reg.v.v)
    spi = (-at - 1) >> 3
    if at & 7 and size == 8:
        return -1
    item = frame_of(ck, reg).stack[spi]
    kinds = stack.kinds_of(item)
    part = kinds[at & 7 : (at & 7) + size]
    if part == bytes([ZERO] * size):
        return 0
    if at & 7:
        return -1
    spill = stack.spilled(item)
    if spill is None or spill.t != SCALAR or spill.v.m:
        return -1
    if part != bytes([SPILL] * size) or kinds.count(SPILL) != size:
        return -1
    precise_slot(ck, frame_of(ck, reg).number, spi)
    return spill.v.v


def precise_slot(ck: Checker, frame: int, spi: int) -> None:
    """The value spilled in a slot mattered: trace it back."""
    from . import precision

    precision.mark_slot(ck, frame, spi)


def _value(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    if arg.null and reg.t == SCALAR:
        return
    if meta.map is None:
        ck.fail("argument-type", "invalid map_ptr to access map->value", idx, number,
                helper=helper, kind=reg.t, arg=arg)  # fmt: skip
    writes = arg.base == "outvalue"
    raw = meta.raw if writes else None
    check_memory(ck, idx, number, meta.map.value_size, writes, False, raw, "value")


def _fixed(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    size = int(arg.of)
    writes = arg.base == "outfix"
    check_memory(ck, idx, number, size, writes, False, meta.raw if writes else None, "memory")
    if writes:
        memory.check_alignment(ck, idx, number, ck.frame.regs[number], 0, size, True)


# Helpers whose size may be zero on 6.18, as measured; 6.1's prototypes do not allow it.
_ZERO_TOO = frozenset(
    {
        "sk_lookup_tcp",
        "sk_lookup_udp",
        "skc_lookup_tcp",
        "tcp_raw_gen_syncookie_ipv4",
        "tcp_raw_gen_syncookie_ipv6",
    }
)


def _size(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    before = parse(kinds[number - 2])
    zero = arg.base == "size0" or (helper.short in _ZERO_TOO and ck.kernel >= (6, 18))
    check_size(
        ck, idx, number, reg, before.base in ("out", "wmem"), zero,
        meta if before.base == "out" else None, meta, helper,
    )  # fmt: skip


def check_size(
    ck: Checker, idx: int, number: int, reg: Reg, writes: bool, zero_ok: bool,
    raw: Meta | None, meta: Meta | None, helper: Helper | None = None,
) -> None:  # fmt: skip
    """Check the (memory, size) pair whose size is register ``number``.

    Source: kernel ``check_mem_size_reg``.
    """
    val = reg.v
    if meta is not None:
        meta.max_size = val.umax
    if val.m:
        raw = None
    facts = {"val": val, "helper": helper}
    if val.smin < 0:
        ck.fail(
            "size-negative", f"R{number} min value is negative, either use unsigned or 'var &="
            " const'", idx, number, **facts,
        )  # fmt: skip
    if not val.umin and not zero_ok:
        ck.fail(
            "size-zero", f"R{number} invalid zero-sized read: u64=[{val.umin},{val.umax}]", idx,
            number, **facts,
        )  # fmt: skip
    if val.umax >= MAX_VAR_OFF:
        ck.fail(
            "size-unbounded", f"R{number} unbounded memory access, use 'var &= const' or 'if (var"
            " < const)'", idx, number, **facts,
        )  # fmt: skip
    pointer = ck.frame.regs[number - 1]
    check_memory(
        ck, idx, number - 1, val.umax, writes, zero_ok, raw.raw if raw is not None else None,
        "memory", pointer,
    )  # fmt: skip
    ck.precise(number, idx)


def check_memory(
    ck: Checker, idx: int, number: int, size: int, writes: bool, zero_ok: bool,
    raw: dict[str, int] | None, what: str, reg: Reg | None = None,
) -> None:  # fmt: skip
    """Check memory at register ``number`` that a helper reads or writes.

    Source: kernel ``check_helper_mem_access``.
    """
    if reg is None:
        reg = ck.frame.regs[number]
    base = reg.t & BASE
    if base in (regs.PKT, regs.PKT_META):
        memory.check_packet(ck, idx, number, reg, reg.off, size, zero_ok)
    elif base == regs.MAP_KEY:
        if writes:
            _no_write(ck, idx, number, reg)
        info = reg.x
        assert isinstance(info, MapInfo)
        memory.check_region(ck, idx, number, reg, reg.off, size, info.key_size, False)
    elif base == regs.MAP_VALUE:
        memory.check_map_type(ck, idx, number, reg, reg.off, size, writes)
        memory.check_map(ck, idx, number, reg, reg.off, size, zero_ok, True)
    elif base == regs.MEM:
        if writes and reg.t & RDONLY:
            _no_write(ck, idx, number, reg)
        limit = reg.x
        assert isinstance(limit, int)
        memory.check_region(ck, idx, number, reg, reg.off, size, limit, zero_ok)
    elif base == regs.BUF:
        if writes and reg.t & RDONLY:
            _no_write(ck, idx, number, reg)
        memory._check_buffer(ck, idx, number, reg, reg.off, size)
    elif base == regs.STACK:
        stack.check_initialized(ck, idx, number, reg, reg.off, size, zero_ok, raw, clobber=writes)
    elif base == regs.BTF_ID:
        btfwalk.access(ck, idx, number, reg, reg.off, size, False)
    elif base == regs.CTX and ck.prog_type == ProgType.SYSCALL:
        if size:
            memory.context_access(
                ck, idx, number, reg.off + signed64(reg.v.v) + size - 1, 1, write=writes
            )
        elif not zero_ok:
            ck.fail("zero-size", "invalid zero-sized read", idx, number)
    elif zero_ok and not size and reg.t == SCALAR and not reg.v.m and not reg.v.v:
        return
    else:
        ck.fail(
            "argument-type", f"R{number} type={type_name(reg.t)} expected=fp", idx, number,
            kind=reg.t,
        )  # fmt: skip


def _no_write(ck: Checker, idx: int, number: int, reg: Reg) -> None:
    ck.fail("read-only", f"R{number} cannot write into {type_name(reg.t)}", idx, number, kind=reg.t)


def _alloc(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    if reg.v.m:
        ck.fail(
            "size-variable", f"R{number} is not a known constant'", idx, number, val=reg.v,
            helper=helper,
        )  # fmt: skip
    meta.alloc_size = reg.v.v
    ck.precise(number, idx)


def _func(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    assert isinstance(reg.x, int)
    meta.callback = reg.x


def _lock(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    if owned.in_tree_callback(ck):
        ck.fail("lock-call", "can't spin_{lock,unlock} in rbtree cb", idx, helper=helper)
    locks.spin(ck, idx, number, reg, helper.short == "spin_lock")


def _timer(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    locks.special_pointer(ck, idx, number, reg, "bpf_timer")
    info = reg.x
    assert isinstance(info, MapInfo)
    meta.map = info
    meta.map_uid = reg.y


def _kptr(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    meta.percpu = kptrs.exchanged(ck, idx, number, reg)


def _str(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    constant_string(ck, idx, number, reg)


def constant_string(ck: Checker, idx: int, number: int, reg: Reg) -> bytes:
    """Return the constant string that ``reg`` points to. Source: ``check_reg_const_str``."""
    info = reg.x
    if reg.t != regs.MAP_VALUE or not isinstance(info, MapInfo):
        ck.fail("argument-type", f"R{number} type={type_name(reg.t)} expected=map_value", idx,
                number, kind=reg.t)  # fmt: skip
    if not info.frozen:
        ck.fail("const-string", f"R{number} does not point to a readonly map'", idx, number,
                map=info)  # fmt: skip
    if reg.v.m:
        ck.fail("const-string", f"R{number} is not a constant address'", idx, number, map=info)
    at = reg.off + signed64(reg.v.v)
    memory.check_map(ck, idx, number, reg, reg.off, info.value_size - at, False, True)
    assert info.data is not None
    end = info.data.find(b"\0", at)
    if end < 0:
        ck.fail("const-string", "string is not zero-terminated", idx, number, map=info)
    return info.data[at:end]


def _percpu(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    meta.percpu = reg


_DYN_KINDS = {"local": regs.DYN_LOCAL, "ringbuf": regs.DYN_RINGBUF}


def _dynptr(
    ck: Checker, idx: int, helper: Helper, kinds: tuple[str, ...], number: int, reg: Reg,
    arg: Arg, meta: Meta,
) -> None:  # fmt: skip
    wanted = _DYN_KINDS.get(arg.of, 0)
    if arg.base == "outdynptr":
        meta.dynptr = dynptrs.process(ck, idx, number, uninit=True, wanted=wanted)
        return
    meta.dynptr = dynptrs.process(ck, idx, number, wanted=wanted, mutates=arg.base == "dynptr")
    if arg.release and meta.dynptr is not None and not meta.dynptr.ref:
        ck.fail("release", f"arg {number} is an unacquired reference", idx, number, helper=helper)


_CHECKS: dict[str, _Check] = {
    "map": _map,
    "key": _key,
    "value": _value,
    "outvalue": _value,
    "fix": _fixed,
    "outfix": _fixed,
    "size": _size,
    "size0": _size,
    "alloc": _alloc,
    "func": _func,
    "lock": _lock,
    "timer": _timer,
    "kptr": _kptr,
    "str": _str,
    "percpu": _percpu,
    "dynptr": _dynptr,
    "rodynptr": _dynptr,
    "outdynptr": _dynptr,
}

__all__ = ["MISC", "check_arguments", "check_memory", "check_size", "constant_string", "parse"]
