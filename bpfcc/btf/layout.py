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
    base: BtfType | None = strip(type)
    while isinstance(base, Array):
        base = strip(base.type)
    if isinstance(base, Ptr):
        return POINTER_SIZE
    if isinstance(base, (Int, Float, Enum)):
        return min(base.size, 16) or 1
    if isinstance(base, Struct):
        align = max((alignment(m.type) for m in base.members), default=1)
        aligned = all(
            m.bitfield_size or m.bit_offset % (8 * alignment(m.type)) == 0 for m in base.members
        )
        return align if aligned and base.size % align == 0 else 1
    return 1
