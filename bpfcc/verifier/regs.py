"""What a register may hold: kinds of pointers, and the ``Reg`` that pairs one with a number.

A ``Reg`` is immutable and shared: moving a register, spilling it and copying a state copy
references. Kinds and flags follow ``enum bpf_reg_type`` and ``enum bpf_type_flag`` of the kernel's
include/linux/bpf.h; the numbers are ours.
"""

from __future__ import annotations

from typing import Any, final

from . import bounds
from .bounds import UNKNOWN, ZERO, Val

(
    NOT_INIT,
    SCALAR,
    CTX,
    MAP_PTR,
    MAP_VALUE,
    MAP_KEY,
    STACK,
    PKT_META,
    PKT,
    PKT_END,
    FLOW_KEYS,
    SOCKET,
    SOCK_COMMON,
    TCP_SOCK,
    TP_BUFFER,
    XDP_SOCK,
    BTF_ID,
    MEM,
    ARENA,
    BUF,
    FUNC,
    DYNPTR,
) = range(22)

BASE = 0xFF
MAYBE_NULL = 1 << 8
RDONLY = 1 << 9
RINGBUF = 1 << 10
UNTRUSTED = 1 << 11
TRUSTED = 1 << 12
RCU = 1 << 13
PERCPU = 1 << 14
ALLOC = 1 << 15
NON_OWNING = 1 << 16
USER = 1 << 17
DYN_LOCAL = 1 << 18
DYN_RINGBUF = 1 << 19
DYN_SKB = 1 << 20
DYN_XDP = 1 << 21
DYN_SKB_META = 1 << 22
DYN_ANY = DYN_LOCAL | DYN_RINGBUF | DYN_SKB | DYN_XDP | DYN_SKB_META

# Marks a scalar id that stands for "that scalar plus a constant" (in ``Reg.off``).
ADD_CONST64, ADD_CONST32 = 1 << 62, 1 << 63
ADD_CONST = ADD_CONST64 | ADD_CONST32
ID = ADD_CONST64 - 1

# Packet range marks of pointers known to be past the end (kernel: AT_PKT_END, BEYOND_PKT_END).
AT_PKT_END, BEYOND_PKT_END = -1, -2

_NAMES = {
    NOT_INIT: "?",
    SCALAR: "scalar",
    CTX: "ctx",
    MAP_PTR: "map_ptr",
    MAP_VALUE: "map_value",
    MAP_KEY: "map_key",
    STACK: "fp",
    PKT_META: "pkt_meta",
    PKT: "pkt",
    PKT_END: "pkt_end",
    FLOW_KEYS: "flow_keys",
    SOCKET: "sock",
    SOCK_COMMON: "sock_common",
    TCP_SOCK: "tcp_sock",
    TP_BUFFER: "tp_buffer",
    XDP_SOCK: "xdp_sock",
    BTF_ID: "ptr_",
    MEM: "mem",
    ARENA: "arena",
    BUF: "buf",
    FUNC: "func",
    DYNPTR: "dynptr_ptr",
}


def type_name(kind: int) -> str:
    """Return what kernel logs call ``kind``, like "map_value_or_null"."""
    prefix = ""
    for flag, word in (
        (RDONLY, "rdonly_"),
        (RINGBUF, "ringbuf_"),
        (USER, "user_"),
        (PERCPU, "percpu_"),
        (UNTRUSTED, "untrusted_"),
        (TRUSTED, "trusted_"),
        (RCU, "rcu_"),
    ):
        if kind & flag:
            prefix += word
    name = prefix + _NAMES[kind & BASE]
    if kind & MAYBE_NULL:
        name += "or_null_" if kind & BASE == BTF_ID else "_or_null"
    return name


@final
class Reg:
    """The contents of a register or a spilled slot. Never changed once made.

    Attributes:
        t: kind and flags.
        off: constant offset of a pointer; for a scalar with ADD_CONST in ``id``, the constant.
        id: links equal scalars, or pointers of one lookup or packet base; 0 = none.
        ref: the reference to release that this pointer stands for; 0 = none.
        x: packet range (PKT), map (MAP_*), size (MEM, BUF, TP_BUFFER), frame number (STACK),
            BTF type (BTF_ID), subprogram number (FUNC), dynptr kind (DYNPTR), or None.
        y: which lookup an inner map or its value came from (MAP_*), or None.
        v: the scalar's value, or the pointer's variable offset.
    """

    __slots__ = ("id", "off", "ref", "t", "v", "x", "y")

    def __init__(
        self,
        t: int,
        v: Val = ZERO,
        off: int = 0,
        id: int = 0,
        ref: int = 0,
        x: Any = None,
        y: Any = None,
    ) -> None:
        self.t = t
        self.v = v
        self.off = off
        self.id = id
        self.ref = ref
        self.x = x
        self.y = y

    def __repr__(self) -> str:
        extra = "".join(
            f", {name}={getattr(self, name)!r}"
            for name in ("off", "id", "ref", "x", "y")
            if getattr(self, name) not in (0, None)
        )
        return f"Reg({type_name(self.t)}, {self.v!r}{extra})"


UNINIT = Reg(NOT_INIT, UNKNOWN)
ANY = Reg(SCALAR, UNKNOWN)
NULL = Reg(SCALAR, ZERO)

# What a load of 1, 2, 4 or 8 bytes of unknown memory gives, zero extended; and sign extended.
LOADED = {size: Reg(SCALAR, bounds.truncate(UNKNOWN, size)) for size in (1, 2, 4, 8)}
LOADED_SIGNED = {size: Reg(SCALAR, bounds.extend(UNKNOWN, size)) for size in (1, 2, 4)}

_consts: dict[int, Reg] = {}


def const(x: int) -> Reg:
    """Return the register that holds exactly ``x``."""
    reg = _consts.get(x)
    if reg is None:
        if len(_consts) > 100_000:
            _consts.clear()
        reg = _consts[x] = Reg(SCALAR, bounds.const(x))
    return reg


def scalar(val: Val) -> Reg:
    """Return the scalar register with that value and no id."""
    return const(val.v) if not val.m else Reg(SCALAR, val)


def with_type(reg: Reg, t: int) -> Reg:
    """Return ``reg`` as another kind."""
    return Reg(t, reg.v, reg.off, reg.id, reg.ref, reg.x, reg.y)


def with_id(reg: Reg, id: int, off: int = 0) -> Reg:
    """Return the scalar ``reg`` with another id."""
    return Reg(reg.t, reg.v, off, id, reg.ref, reg.x, reg.y)


def is_pointer(reg: Reg) -> bool:
    """Tell whether ``reg`` holds an address."""
    return reg.t > SCALAR
