"""Python values to bytes and back, after a BTF type.

    integer, enum, pointer      int (an enum also takes the name of a value)
    char array                  str or bytes when written; str up to the NUL when read
    other array                 list
    struct, union               dict by member name; members not given are zero
    no type                     int when it is 1, 2, 4 or 8 bytes long, else bytes

``bytes`` of the right length are accepted for every type.
"""

from __future__ import annotations

from typing import Any

from ..btf import values
from ..btf.layout import byte_size, strip
from ..btf.types import Array, Enum, Int, Member, Struct, TypeRef
from ..support.spelling import did_you_mean


def encode(type: TypeRef, value: Any, size: int, *, big_endian: bool = False) -> bytes:
    """Return ``value`` as ``size`` bytes of ``type`` (None: as an integer).

    Raises: ValueError when it does not fit, TypeError when its kind is wrong.
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        data = bytes(value)
        if len(data) == size:
            return data
        if not isinstance(strip(type), Array):
            raise ValueError(f"{len(data)} bytes given, {size} wanted")
    if type is None:
        return _int_bytes(value, size, big_endian)
    out = bytearray(size)
    _put(type, value, out, 0, big_endian)
    return bytes(out)


def decode(type: TypeRef, data: bytes, *, big_endian: bool = False) -> Any:
    """Return the Python value of ``data`` read as ``type``."""
    if type is None:
        if len(data) in (1, 2, 4, 8):
            return int.from_bytes(data, _order(big_endian))
        return data
    if byte_size(type) > len(data):
        return data
    return values.decode(type, data, big_endian=big_endian)


def _order(big_endian: bool) -> Any:
    return "big" if big_endian else "little"


def _int_bytes(value: Any, size: int, big_endian: bool) -> bytes:
    if not isinstance(value, int):
        raise TypeError(f"an integer or {size} bytes wanted, not {value!r}")
    if not -(1 << size * 8 - 1) <= value < 1 << size * 8:
        raise ValueError(f"{value} does not fit in {size} bytes")
    return (value & (1 << size * 8) - 1).to_bytes(size, _order(big_endian))


def _put(type: TypeRef, value: Any, out: bytearray, at: int, big_endian: bool) -> None:
    type = strip(type)
    size = byte_size(type)
    if isinstance(value, (bytes, bytearray)) and len(value) == size:
        out[at : at + size] = value
    elif isinstance(type, Array):
        _put_array(type, value, out, at, big_endian)
    elif isinstance(type, Struct):
        _put_struct(type, value, out, at, big_endian)
    elif isinstance(type, Enum) and isinstance(value, str):
        names = dict(type.values)
        if value not in names:
            raise ValueError(f"enum {type.name} has no value {value!r}")
        out[at : at + size] = _int_bytes(names[value], size, big_endian)
    else:
        out[at : at + size] = _int_bytes(value, size, big_endian)


def _put_array(type: Array, value: Any, out: bytearray, at: int, big_endian: bool) -> None:
    step = byte_size(type.type)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, (bytes, bytearray)):
        if step != 1 or len(value) > type.nelems:
            raise ValueError(f"{len(value)} bytes do not fit in an array of {type.nelems}")
        out[at : at + len(value)] = value
        return
    if len(value) > type.nelems:
        raise ValueError(f"{len(value)} elements for an array of {type.nelems}")
    for i, one in enumerate(value):
        _put(type.type, one, out, at + i * step, big_endian)


def _put_struct(type: Struct, value: Any, out: bytearray, at: int, big_endian: bool) -> None:
    if not isinstance(value, dict):
        raise TypeError(f"a dict or {type.size} bytes wanted for {type.name or 'a struct'}")
    left = dict(value)
    for member in type.members:
        if member.name:
            if member.name in left:
                _put_member(member, left.pop(member.name), out, at, big_endian)
        else:  # members of an anonymous struct count as its parent's
            inner = strip(member.type)
            if isinstance(inner, Struct):
                names = _all_names(inner)
                mine = {name: left.pop(name) for name in list(left) if name in names}
                if mine:
                    _put_struct(inner, mine, out, at + member.bit_offset // 8, big_endian)
    if left:
        known = sorted(_all_names(type))
        wrong = next(iter(left))
        raise ValueError(
            f"{type.name or 'the struct'} has no member {wrong!r}{did_you_mean(str(wrong), known)}"
            f" ({', '.join(known)})"
        )


def _all_names(type: Struct) -> set[str]:
    names = set()
    for member in type.members:
        if member.name:
            names.add(member.name)
        else:
            inner = strip(member.type)
            if isinstance(inner, Struct):
                names |= _all_names(inner)
    return names


def _put_member(member: Member, value: Any, out: bytearray, at: int, big_endian: bool) -> None:
    if not member.bitfield_size:
        _put(member.type, value, out, at + member.bit_offset // 8, big_endian)
        return
    first, count, shift = _bit_place(member, at, big_endian)
    mask = (1 << member.bitfield_size) - 1
    if not -(mask + 1) // 2 <= value <= mask:
        raise ValueError(f"{value} does not fit in {member.bitfield_size} bits")
    whole = int.from_bytes(out[first : first + count], _order(big_endian))
    whole = whole & ~(mask << shift) | (value & mask) << shift
    out[first : first + count] = whole.to_bytes(count, _order(big_endian))


def _bit_place(member: Member, at: int, big_endian: bool) -> tuple[int, int, int]:
    """Return (first byte, bytes, shift) of a bit-field."""
    first = member.bit_offset // 8
    end = -(-(member.bit_offset + member.bitfield_size) // 8)
    inside = member.bit_offset - first * 8
    count = end - first
    shift = count * 8 - inside - member.bitfield_size if big_endian else inside
    return at + first, count, shift


def _is_signed(type: TypeRef) -> bool:
    if isinstance(type, Int):
        return bool(type.encoding & Int.SIGNED)
    return isinstance(type, Enum) and type.signed


def _is_char(type: TypeRef) -> bool:
    return (
        isinstance(type, Int)
        and type.size == 1
        and bool(type.encoding & Int.CHAR or type.name == "char")
    )
