"""Sizes and qualifier-stripping of BTF types."""

from __future__ import annotations

from .types import (
    Array,
    BtfType,
    Const,
    Datasec,
    Enum,
    Float,
    Int,
    Ptr,
    Restrict,
    Struct,
    Typedef,
    TypeRef,
    TypeTag,
    Var,
    Volatile,
)

_QUALIFIERS = (Const, Volatile, Restrict, TypeTag)
_TRANSPARENT = (Const, Volatile, Restrict, TypeTag, Typedef)
POINTER_SIZE = 8
_MOST_DEPTH = 100  # of structs in structs; the kernel allows 32


def strip(type: TypeRef) -> TypeRef:
    """Return what ``type`` is below qualifiers, type tags and typedefs."""
    while isinstance(type, _TRANSPARENT):
        type = type.type
    return type


def strip_qualifiers(type: TypeRef) -> TypeRef:
    """Return ``type`` below qualifiers and type tags; typedefs stay."""
    while isinstance(type, _QUALIFIERS):
        type = type.type
    return type


def byte_size(type: TypeRef) -> int:
    """Return the size of a value of ``type`` in bytes; 0 for void, functions, forward types."""
    count = 1
    while True:
        if isinstance(type, (*_TRANSPARENT, Var)):
            type = type.type
        elif isinstance(type, Array):
            count *= type.nelems
            type = type.type
        elif isinstance(type, Ptr):
            return count * POINTER_SIZE
        elif isinstance(type, (Int, Float, Struct, Enum, Datasec)):
            return count * type.size
        else:
            return 0


def alignment(type: TypeRef) -> int:
    """Return the natural alignment of ``type`` in bytes on BPF (1 for packed structs)."""
    return _alignment(type, {}, 0)


def _alignment(type: TypeRef, known: dict[int, int], depth: int) -> int:
    base: BtfType | None = strip(type)
    while isinstance(base, Array):
        base = strip(base.type)
    if isinstance(base, Ptr):
        return POINTER_SIZE
    if isinstance(base, (Int, Float, Enum)):
        return min(base.size, 16) or 1
    if not isinstance(base, Struct) or depth > _MOST_DEPTH:
        return 1
    if id(base) in known:
        return known[id(base)]
    known[id(base)] = 1  # also ends the search in a (malformed) struct that contains itself
    align = 1
    aligned = True
    for member in base.members:
        own = _alignment(member.type, known, depth + 1)
        align = max(align, own)
        aligned &= bool(member.bitfield_size) or member.bit_offset % (8 * own) == 0
    known[id(base)] = align if aligned and base.size % align == 0 else 1
    return known[id(base)]
