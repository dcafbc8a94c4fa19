"""Bytes in memory as Python values, and back, by their BTF type.

========================  ==========================================
integer, pointer          ``int`` (``bool`` for _Bool)
enum                      ``int``; its constant's name with ``names``
float                     ``float``
array of char             ``str`` up to the first zero byte
other array               ``list``
struct, union             ``dict``; members of anonymous members are its own
data section              ``dict`` of its variables
========================  ==========================================
"""

from __future__ import annotations

import struct
from typing import TypeAlias, Union

from ..support.errors import InputError
from .layout import byte_size, strip
from .types import Array, Datasec, Enum, Float, Int, Member, Ptr, Struct, TypeRef, Var
from .types import Union as BtfUnion

Value: TypeAlias = Union[int, float, str, bytes, list["Value"], dict[str, "Value"]]


def decode(type: TypeRef, data: bytes, *, big_endian: bool = False, names: bool = False) -> Value:
    """Return the value of ``type`` in ``data``, which may be longer than the type.

    A type without a size (void, a forward declaration) gives the bytes themselves.
    Raises: InputError when ``data`` is shorter than the type.
    """
    if isinstance(type, Var):
        type = type.type
    size = byte_size(type)
    if len(data) < size:
        raise InputError(f"{len(data)} bytes are too few for a value of {size} bytes")
    order = "big" if big_endian else "little"
    try:
        return _decode(type, bytes(data), 0, order, names)
    except RecursionError:
        raise InputError("the type contains itself") from None


def encode(type: TypeRef, value: Value, *, big_endian: bool = False) -> bytes:
    """Return the bytes of ``value`` as ``type``; members that a dict leaves out are zero.

    ``bytes`` are taken as they are if their length is right; an enum takes a constant's name.
    Raises: InputError when the value does not fit the type.
    """
    if isinstance(type, Var):
        type = type.type
    out = bytearray(byte_size(type))
    try:
        _encode(type, value, out, 0, "big" if big_endian else "little")
    except RecursionError:
        raise InputError("the type contains itself") from None
    return bytes(out)


def is_char(type: TypeRef) -> bool:
    """Tell whether ``type`` is C's plain ``char``, whose arrays are text."""
    base = strip(type)
    return (
        isinstance(base, Int)
        and base.size == 1
        and (base.name == "char" or bool(base.encoding & 2))
    )


def _decode(type: TypeRef, data: bytes, at: int, order: str, names: bool) -> Value:
    base = strip(type)
    if isinstance(base, Int):
        raw = _integer(data[at : at + base.size], order, bool(base.encoding & Int.SIGNED))
        return bool(raw) if base.encoding & Int.BOOL else raw
    if isinstance(base, Ptr):
        return _integer(data[at : at + 8], order, False)
    if isinstance(base, Enum):
        raw = _integer(data[at : at + base.size], order, base.signed)
        return _constant(base, raw) if names else raw
    if isinstance(base, Float):
        return _float(data[at : at + base.size], order)
    if isinstance(base, Array):
        size = byte_size(base.type)
        if is_char(base.type):
            text = data[at : at + base.nelems].split(b"\0", 1)[0]
            return text.decode("utf-8", "backslashreplace")
        if not size:
            return []
        return [_decode(base.type, data, at + i * size, order, names) for i in range(base.nelems)]
    if isinstance(base, Struct):
        fields: dict[str, Value] = {}
        for member in base.members:
            value = _member(member, data, at, order, names)
            if member.name:
                fields[member.name] = value
            elif isinstance(value, dict):
                fields.update(value)
        return fields
    if isinstance(base, Datasec):
        return {
            var.name: _decode(var.type, data, at + offset, order, names)
            for var, offset, _ in base.vars
            if isinstance(var, Var)
        }
    return data[at:]


def _member(member: Member, data: bytes, at: int, order: str, names: bool) -> Value:
    if not member.bitfield_size:
        return _decode(member.type, data, at + member.bit_offset // 8, order, names)
    start, width = member.bit_offset, member.bitfield_size
    first, last = at + start // 8, at + (start + width + 7) // 8
    raw = int.from_bytes(data[first:last], "big" if order == "big" else "little")
    shift = start % 8
    if order == "big":
        shift = 8 * (last - first) - shift - width
    raw = raw >> shift & (1 << width) - 1
    base = strip(member.type)
    if isinstance(base, Enum):
        if base.signed and raw >> width - 1:
            raw -= 1 << width
        return _constant(base, raw) if names else raw
    if isinstance(base, Int):
        if base.encoding & Int.SIGNED and raw >> width - 1:
            raw -= 1 << width
        if base.encoding & Int.BOOL:
            return bool(raw)
    return raw


def _integer(data: bytes, order: str, signed: bool) -> int:
    return int.from_bytes(data, "big" if order == "big" else "little", signed=signed)


def _float(data: bytes, order: str) -> float:
    code = {2: "e", 4: "f", 8: "d"}.get(len(data))
    if code is None:
        raise InputError(f"a float of {len(data)} bytes cannot be read")
    value: float = struct.unpack((">" if order == "big" else "<") + code, data)[0]
    return value


def _constant(enum: Enum, value: int) -> Value:
    for name, number in enum.values:
        if number == value:
            return name
    return value


# Encoding ----------------------------------------------------------------------------------


def _encode(type: TypeRef, value: Value, out: bytearray, at: int, order: str) -> None:
    base = strip(type)
    size = byte_size(base)
    if isinstance(value, (bytes, bytearray)):
        if len(value) > size or (len(value) < size and not isinstance(base, Array)):
            raise InputError(f"{len(value)} bytes for a value of {size} bytes")
        out[at : at + len(value)] = value
    elif isinstance(base, (Int, Ptr, Enum)):
        out[at : at + size] = _to_bytes(_number(base, value), size, order)
    elif isinstance(base, Float):
        code = {2: "e", 4: "f", 8: "d"}.get(size)
        if code is None or not isinstance(value, (int, float)):
            raise InputError(f"{value!r} does not fit a float of {size} bytes")
        out[at : at + size] = struct.pack((">" if order == "big" else "<") + code, value)
    elif isinstance(base, Array):
        _encode_array(base, value, out, at, order)
    elif isinstance(base, Struct):
        if not isinstance(value, dict):
            raise InputError(
                f"{value!r} is no dictionary of the members of {base.name or 'struct'!r}"
            )
        unused = set(value)
        _encode_members(base, value, out, at, order, unused)
        if unused:
            raise InputError(f"{base.name or 'struct'!r} has no member {sorted(unused)[0]!r}")
    elif isinstance(base, Datasec) and isinstance(value, dict):
        for var, offset, _ in base.vars:
            if isinstance(var, Var) and var.name in value:
                _encode(var.type, value[var.name], out, at + offset, order)
    else:
        raise InputError(f"{value!r} cannot be stored in a type without a size")


def _number(base: TypeRef, value: Value) -> int:
    if isinstance(base, Enum) and isinstance(value, str):
        for name, number in base.values:
            if name == value:
                return number
    if isinstance(value, int):
        return value
    raise InputError(f"{value!r} is no integer")


def _to_bytes(value: int, size: int, order: str) -> bytes:
    if not -(1 << 8 * size - 1) <= value < 1 << 8 * size:
        raise InputError(f"{value} does not fit {size} bytes")
    return (value & (1 << 8 * size) - 1).to_bytes(size, "big" if order == "big" else "little")


def _encode_array(base: Array, value: Value, out: bytearray, at: int, order: str) -> None:
    if isinstance(value, str) and is_char(base.type):
        text = value.encode("utf-8")
        if len(text) > base.nelems:
            raise InputError(f"a text of {len(text)} bytes does not fit {base.nelems}")
        out[at : at + len(text)] = text
        return
    if not isinstance(value, (list, tuple)) or len(value) > base.nelems:
        raise InputError(f"{value!r} does not fit an array of {base.nelems} elements")
    size = byte_size(base.type)
    for i, element in enumerate(value):
        _encode(base.type, element, out, at + i * size, order)


def _encode_members(
    base: Struct,
    values: dict[str, Value],
    out: bytearray,
    at: int,
    order: str,
    unused: set[str],
) -> None:
    members = base.members
    if isinstance(base, BtfUnion):
        # Of several members of a union the largest one decides: the others are parts of it.
        members = sorted(members, key=lambda member: byte_size(member.type))
    for member in members:
        place = at + member.bit_offset // 8
        if not member.name:
            inner = strip(member.type)
            if isinstance(inner, Struct):
                _encode_members(inner, values, out, place, order, unused)
        elif member.name in values:
            unused.discard(member.name)
            if member.bitfield_size:
                _encode_bits(member, values[member.name], out, at, order)
            else:
                _encode(member.type, values[member.name], out, place, order)


def _encode_bits(member: Member, value: Value, out: bytearray, at: int, order: str) -> None:
    width = member.bitfield_size
    number = _number(strip(member.type), value)
    if not -(1 << width - 1) <= number < 1 << width:
        raise InputError(f"{number} does not fit the {width} bits of {member.name!r}")
    first = at + member.bit_offset // 8
    last = at + (member.bit_offset + width + 7) // 8
    shift = member.bit_offset % 8
    if order == "big":
        shift = 8 * (last - first) - shift - width
    whole = _integer(bytes(out[first:last]), order, False)
    mask = (1 << width) - 1 << shift
    whole = whole & ~mask | (number << shift & mask)
    out[first:last] = _to_bytes(whole, last - first, order)
