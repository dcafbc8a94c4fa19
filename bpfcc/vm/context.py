"""The context of each program type: bytes with named fields.

A caller describes a context as a dict by field name, a list of 64-bit arguments, raw bytes, or not
at all (zeros). Names are those of ``uapi.contexts``, plus for all tracing types:

    arg1, arg2 ...   the arguments of the traced function or tracepoint, wherever the type keeps them
    ret              its return value

A tracepoint record, a syscall program's context and any other struct are described by the member
names of the BTF type of the program's parameter.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..btf.layout import byte_size, strip
from ..btf.types import Func, Ptr, Struct
from ..support.errors import InputError
from ..support.spelling import did_you_mean
from ..uapi import contexts
from ..uapi.prog_types import ProgType, context_struct
from .memory import MASK64
from .packet import Packet, Setter
from .values import encode

if TYPE_CHECKING:
    from .run import Run

Spec = Any  # Mapping[str, Any] | Sequence[int] | bytes | None

ARGS = frozenset(
    {
        ProgType.RAW_TRACEPOINT,
        ProgType.RAW_TRACEPOINT_WRITABLE,
        ProgType.TRACING,
        ProgType.LSM,
        ProgType.STRUCT_OPS,
        ProgType.EXT,
    }
)
SKB = frozenset(
    {
        ProgType.SOCKET_FILTER,
        ProgType.SCHED_CLS,
        ProgType.SCHED_ACT,
        ProgType.CGROUP_SKB,
        ProgType.LWT_IN,
        ProgType.LWT_OUT,
        ProgType.LWT_XMIT,
        ProgType.LWT_SEG6LOCAL,
        ProgType.SK_SKB,
        ProgType.FLOW_DISSECTOR,
    }
)
# Types that see a packet from the network layer on.
_PULLED = frozenset(
    {
        ProgType.CGROUP_SKB,
        ProgType.LWT_IN,
        ProgType.LWT_OUT,
        ProgType.LWT_XMIT,
        ProgType.LWT_SEG6LOCAL,
    }
)
_X86_ARGS = ("di", "si", "dx", "cx", "r8", "r9")
_MAX_ARGS = 12


class Context:
    """The bytes, and where each field is: name -> (offset, size)."""

    def __init__(self, data: bytearray, places: dict[str, tuple[int, int]], byteorder: Any) -> None:
        self.data = data
        self.places = places
        self.byteorder = byteorder

    def set(self, name: str, value: int) -> None:
        """Set a field; no effect when there is none of that name."""
        place = self.places.get(name)
        if place is not None:
            offset, size = place
            masked = value & (1 << size * 8) - 1
            self.data[offset : offset + size] = masked.to_bytes(size, self.byteorder)

    def get(self, name: str) -> int:
        """Return a field as an unsigned number, 0 when there is none of that name."""
        place = self.places.get(name)
        if place is None:
            return 0
        offset, size = place
        return int.from_bytes(self.data[offset : offset + size], self.byteorder)


def build(
    run: Run,
    prog_type: int,
    attach_type: int,
    spec: Spec,
    function: Func | None = None,
) -> Context:
    """Return the context for one run, without its packet.

    Raises: InputError for a name the context does not have, or a value that does not fit.
    """
    order = run.world.byteorder
    if isinstance(spec, (bytes, bytearray)):
        places = _places(prog_type, attach_type)
        return Context(bytearray(spec), places, order)
    if prog_type in ARGS:
        return _argument_context(run, attach_type, spec, order)
    places = _places(prog_type, attach_type)
    if not places:
        return _struct_context(run, prog_type, spec, function, order)
    size = contexts.SIZES.get(context_struct(prog_type), 0)
    size = max([size, *(offset + length for offset, length in places.values())])
    context = Context(bytearray(size), places, order)
    if prog_type == ProgType.PERF_EVENT:
        places |= _places(ProgType.KPROBE, 0)
    named = _named(spec, prog_type)
    for name, value in named.items():
        _set_field(run, context, name, value)
    if prog_type == ProgType.KPROBE:
        run.func_ip = run.func_ip or context.get("ip")
    return context


def _places(prog_type: int, attach_type: int) -> dict[str, tuple[int, int]]:
    return dict(_all_places(prog_type, attach_type))


@functools.cache
def _all_places(prog_type: int, attach_type: int) -> dict[str, tuple[int, int]]:
    return {
        field.name: (field.offset, field.size) for field in contexts.fields(prog_type, attach_type)
    }


def _named(spec: Spec, prog_type: int) -> dict[str, Any]:
    """Return the spec as fields; argN and ret of register contexts become registers."""
    if spec is None:
        return {}
    if isinstance(spec, Sequence):
        spec = {f"arg{i}": value for i, value in enumerate(spec, 1)}
    if not isinstance(spec, Mapping):
        raise InputError(f"a context is a dict, a list or bytes, not {spec!r}")
    named = dict(spec)
    if prog_type in (ProgType.KPROBE, ProgType.PERF_EVENT):
        for i, register in enumerate(_X86_ARGS, 1):
            if f"arg{i}" in named:
                named[register] = named.pop(f"arg{i}")
        if "ret" in named:
            named["ax"] = named.pop("ret")
    return named


def _set_field(run: Run, context: Context, name: str, value: Any) -> None:
    place = context.places.get(name)
    if place is None:
        known = ", ".join(sorted(context.places))
        close = did_you_mean(name, context.places)
        raise InputError(f"the context has no field {name!r}{close} (fields: {known})")
    offset, size = place
    if isinstance(value, Mapping):  # an object the field points to
        value = _socket(run, value)
    if isinstance(value, (list, tuple)):
        each = size // len(value) if value else 0
        value = b"".join(int(one).to_bytes(each, context.byteorder) for one in value)
    if isinstance(value, (bytes, bytearray)):
        if len(value) > size:
            raise InputError(f"context field {name!r} has {size} bytes, {len(value)} were given")
        context.data[offset : offset + len(value)] = value
    elif isinstance(value, int):
        if not -(1 << size * 8 - 1) <= value < 1 << size * 8:
            raise InputError(f"{value} does not fit in context field {name!r} ({size} bytes)")
        context.set(name, value)
    else:
        raise InputError(f"context field {name!r}: {value!r} is no number and no bytes")


def _socket(run: Run, fields: Mapping[str, Any]) -> int:
    """Make a ``struct bpf_sock`` from its fields; return its address."""
    places = {field.name: (field.offset, field.size) for field in contexts.sock_fields()}
    inner = Context(bytearray(contexts.SIZES["bpf_sock"]), places, run.world.byteorder)
    for name, value in fields.items():
        _set_field(run, inner, name, value)
    return run.add_scratch(inner.data, "the socket")


def _argument_context(run: Run, attach_type: int, spec: Spec, order: Any) -> Context:
    """An array of 64-bit arguments, the return value behind the last one."""
    values = [0] * _MAX_ARGS
    count = 0
    has_ret = False
    ret: int = 0
    if isinstance(spec, Mapping):
        for name, value in spec.items():
            if name == "ret":
                has_ret, ret = True, value
            elif name.startswith("arg") and name[3:].isdigit() and 1 <= int(name[3:]) <= _MAX_ARGS:
                index = int(name[3:])
                values[index - 1] = value
                count = max(count, index)
            else:
                raise InputError(f"the context has no field {name!r} (fields: arg1 .. arg12, ret)")
    elif spec is not None:
        if not isinstance(spec, Sequence):
            raise InputError(f"a context is an object of fields, a list or bytes, not {spec!r}")
        count = len(spec)
        if count > _MAX_ARGS:
            raise InputError(f"{count} arguments given, at most {_MAX_ARGS} are passed")
        values[:count] = spec
    run.arg_count = count
    run.has_ret = has_ret
    if has_ret and count < _MAX_ARGS:
        values[count] = ret
    try:
        data = bytearray(b"".join((value & MASK64).to_bytes(8, order) for value in values))
    except TypeError:
        raise InputError("the context's arguments must be numbers") from None
    places = {f"arg{i + 1}": (i * 8, 8) for i in range(_MAX_ARGS)}
    if has_ret and count < _MAX_ARGS:
        places["ret"] = (count * 8, 8)
    return Context(data, places, order)


def _struct_context(
    run: Run, prog_type: int, spec: Spec, function: Func | None, order: Any
) -> Context:
    """A context described by the BTF type of the program's parameter."""
    type = parameter_struct(function)
    if spec is None:
        size = byte_size(type) if type is not None else 0
        return Context(bytearray(max(size, 64)), {}, order)
    if not isinstance(spec, Mapping):
        data = b"".join((int(value) & MASK64).to_bytes(8, order) for value in spec)
        return Context(bytearray(data), {}, order)
    if type is None:
        raise InputError(
            "the program's BTF does not say what its context looks like: give the context as bytes"
        )
    try:
        data = encode(type, dict(spec), type.size, big_endian=run.world.big_endian)
    except (ValueError, TypeError) as error:
        raise InputError(f"context: {error}") from None
    places = {
        member.name: (member.bit_offset // 8, byte_size(member.type))
        for member in type.members
        if member.name and not member.bitfield_size
    }
    return Context(bytearray(data), places, order)


def parameter_struct(function: Func | None) -> Struct | None:
    """Return the struct that the first parameter of ``function`` points to, None when unknown."""
    if function is None or not function.proto.params:
        return None
    pointer = strip(function.proto.params[0][1])
    target = strip(pointer.type) if isinstance(pointer, Ptr) else None
    return target if isinstance(target, Struct) and target.size else None


def attach_packet(
    run: Run,
    context: Context,
    prog_type: int,
    data: bytes,
    *,
    linear: int | None = None,
    meta: bytes = b"",
    pulled: bool | None = None,
) -> Packet:
    """Put a packet under the context; its fields follow. Raises: InputError."""
    if prog_type == ProgType.XDP:
        kind = "xdp"
    elif prog_type in SKB or "data" in context.places:
        kind = "skb"
    elif "optval" in context.places:
        kind = "optval"
    else:
        raise InputError("this program type has no packet")
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise InputError(f"a packet is bytes, not {type(data).__name__}: {data!r:.40}")
    if pulled is None:
        pulled = prog_type in _PULLED
    packet = Packet(
        run.memory,
        data,
        kind=kind,
        set_field=_option_setter(context) if kind == "optval" else context.set,
        linear=linear,
        meta=meta,
        pulled=pulled,
    )
    if kind == "skb" and "protocol" in context.places and not context.get("protocol"):
        protocol = packet.protocol()
        context.set("protocol", (protocol & 0xFF) << 8 | protocol >> 8)
    if prog_type == ProgType.FLOW_DISSECTOR and not context.get("flow_keys"):
        keys = bytearray(contexts.SIZES["bpf_flow_keys"])
        context.set("flow_keys", run.add_scratch(keys, "the flow keys"))
    packet.open()
    return packet


def _option_setter(context: Context) -> Setter:
    """A cgroup sockopt program's value is called optval."""
    names = {"data": "optval", "data_end": "optval_end"}

    def set_field(name: str, value: int) -> None:
        context.set(names.get(name, name), value)

    return set_field
