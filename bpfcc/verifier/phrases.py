"""Values, types and reasons in the words of C: what a register holds, what is known of a number."""

from __future__ import annotations

from ..btf.layout import byte_size, strip
from ..btf.types import Array, BtfType, Ptr, Struct
from . import regs
from .bounds import Val
from .regs import BASE, MAYBE_NULL, Reg
from .subject import MapInfo

_NULL_WHEN = (
    ("map_lookup", "the key is absent"),
    ("table_lookup", "the key is absent"),
    ("ringbuf_reserve", "the buffer is full"),
    ("sk_lookup", "there is no such socket"),
    ("skc_lookup", "there is no such socket"),
    ("storage_get", "there is no storage, or no memory for it"),
    ("dynptr_data", "the dynptr has not that many bytes"),
    ("dynptr_slice", "the dynptr has not that many bytes"),
    ("iter_", "there is nothing more"),
    ("obj_new", "there is no memory"),
    ("per_cpu_ptr", "the CPU does not exist"),
    ("acquire", "it cannot be acquired"),
    ("task_from_", "there is no such task"),
    ("cgroup_from_id", "there is no such cgroup"),
    ("cgroup_ancestor", "there is no such ancestor"),
    ("fullsock", "it is no full socket"),
    ("kptr_xchg", "the map held none"),
)
# Argument kinds of ``uapi.helpers``.
EXPECTED = {
    "ctx": "the program's context",
    "map": "a map (&name)",
    "key": "a pointer to a key",
    "value": "a pointer to a value",
    "outvalue": "a pointer to a value",
    "mem": "a pointer to memory",
    "out": "a pointer to memory",
    "wmem": "a pointer to memory",
    "str": "a string constant in read-only memory",
    "func": "a function of the program",
    "stack": "a pointer to a local variable",
    "timer": "a pointer to a struct bpf_timer in a map value",
    "lock": "a pointer to a struct bpf_spin_lock in a map value",
    "sock": "a socket",
    "socket": "a socket",
    "btf_sock": "a socket",
    "record": "what a helper reserved",
}
# No count and no offset is larger: such a bound is none.
_ANYTHING = 1 << 60


def variable_at(reg: Reg) -> str:
    """Return the global variable that a pointer into global data points to, "" if unknown."""
    info = reg.x
    section = strip(info.value_type) if isinstance(info, MapInfo) and info.direct else None
    if isinstance(section, Struct):  # the loader's view of a data section
        for member in section.members:
            if 0 <= reg.off - member.bit_offset // 8 < byte_size(member.type):
                return member.name
    return ""


def null_when(name: str) -> str:
    """Return when the function gives NULL, in words; "" if that is not known."""
    return next((words for part, words in _NULL_WHEN if part in name), "")


def describe(reg: Reg) -> str:
    """Return what a register holds, in the words of C."""
    base = reg.t & BASE
    text = {
        regs.NOT_INIT: "without a value",
        regs.SCALAR: "a number",
        regs.CTX: "the context",
        regs.STACK: "a pointer to a local variable",
        regs.PKT: "a packet pointer",
        regs.PKT_META: "a packet pointer",
        regs.PKT_END: "the end of the packet",
        regs.MAP_KEY: "a map key",
        regs.SOCKET: "a socket",
        regs.SOCK_COMMON: "a socket",
        regs.TCP_SOCK: "a socket",
        regs.XDP_SOCK: "a socket",
        regs.MEM: "a ring buffer record" if reg.t & regs.RINGBUF else "memory of a known size",
        regs.FUNC: "a function",
        regs.DYNPTR: "a dynptr",
        regs.ARENA: "a pointer into an arena",
    }.get(base, "a pointer")
    if base == regs.SCALAR and not reg.v.m:
        text = "NULL" if not reg.v.v else f"the number {reg.v.v}"
    elif base == regs.MAP_PTR and isinstance(reg.x, MapInfo):
        text = f"the map '{reg.x.name}'"
    elif base == regs.MAP_VALUE and isinstance(reg.x, MapInfo):
        direct = reg.x.direct
        text = "a global variable" if direct else f"a pointer to a value of map '{reg.x.name}'"
    elif base == regs.BTF_ID:
        name = getattr(reg.x, "name", "")
        text = f"a kernel object (struct {name})" if name else "a kernel object"
    return text + " that may be NULL" if reg.t & MAYBE_NULL else text


def find_array(type: object, name: str, depth: int = 0) -> Array | None:
    """Return the array type of the member or variable ``name`` somewhere in ``type``."""
    if depth > 6:
        return None
    kind = strip(type) if isinstance(type, BtfType) else None
    parts: list[tuple[str, object]] = []
    if isinstance(kind, Struct):
        parts = [(member.name, member.type) for member in kind.members]
    elif isinstance(kind, Array):
        parts = [("", kind.type)]
    for own, inner in parts:
        real = strip(inner) if isinstance(inner, BtfType) else None
        if own == name and isinstance(real, Array):
            return real
        if not isinstance(real, Ptr):
            found = find_array(inner, name, depth + 1)
            if found is not None:
                return found
    return None


def shorten(text: str) -> str:
    """Return an expression on one line, cut when it is long."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def in_words(val: object, unit: int = 1) -> str:
    """Return what is known of a number, " (it may be 0 to 64)"; counted in ``unit`` bytes."""
    known = known_range(val, unit)
    if not known:
        return ""
    return f" (it may be {known})" if " to " in known else f" (it is {known})"


def known_range(val: object, unit: int = 1) -> str:
    """Return the smallest and largest value, "0 to 64", or the only one; "" if nothing is known."""
    if not isinstance(val, Val) or val.smin < -_ANYTHING:
        return ""
    if val.smin == val.smax:
        return str(val.smin // unit)
    low, high = (val.smin, val.smax) if val.smin < 0 else (val.umin, val.umax)
    return f"{_bound(low, unit)} to {_bound(high, unit)}"


def _bound(number: int, unit: int) -> str:
    if number >= _ANYTHING:
        power = 64 if number > 1 << 63 else 63
        return f"2^{power - unit.bit_length() + 1}"
    return str(number // unit)
