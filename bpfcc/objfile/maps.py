"""Map definitions of an object: BTF maps (".maps"), the old "maps" section, global data.

A BTF map is a variable of an anonymous struct type whose *types* carry the attributes:
``int (*max_entries)[64]`` says 64, ``struct value *value`` names the value's type, and
``int (*values[])(void *)`` holds the functions of a tail-call table.
Source: libbpf's conventions (tools/lib/bpf/bpf_helpers.h: __uint, __type, __array, __ulong).
"""

from __future__ import annotations

import struct

from ..btf.layout import byte_size, strip, strip_qualifiers
from ..btf.types import Array, BtfType, Enum, FuncProto, Member, Ptr, Struct, TypeRef
from ..support.errors import InputError
from ..uapi.map_types import MapType
from .model import DataSection, DataSymbol, Linkage, Object

_NUMBERS = ("type", "max_entries", "map_flags", "numa_node", "key_size", "value_size", "map_extra")
_PINNING = ("not pinned", "pinned by name")
_OF_MAPS = (MapType.ARRAY_OF_MAPS, MapType.HASH_OF_MAPS)


class MapDef:
    """What a map is to be.

    Sizes in bytes; ``type`` is a number of ``uapi.map_types.MapType``. ``key_type`` and
    ``value_type`` are None where only a size was given. ``inner`` describes the maps inside a map
    of maps. ``values`` are (index, name of a map or function) to be put in at load.
    ``pinning``: 1 = by name in the bpf file system.
    """

    __slots__ = (
        "flags",
        "inner",
        "key_size",
        "key_type",
        "map_extra",
        "max_entries",
        "name",
        "numa_node",
        "pinning",
        "type",
        "value_size",
        "value_type",
        "values",
    )

    def __init__(
        self,
        name: str,
        type: int = 0,
        key_size: int = 0,
        value_size: int = 0,
        max_entries: int = 0,
        flags: int = 0,
    ) -> None:
        self.name = name
        self.type = type
        self.key_size = key_size
        self.value_size = value_size
        self.max_entries = max_entries
        self.flags = flags
        self.pinning = 0
        self.numa_node: int | None = None
        self.map_extra = 0
        self.key_type: BtfType | None = None
        self.value_type: BtfType | None = None
        self.inner: MapDef | None = None
        self.values: list[tuple[int, str]] = []

    def __repr__(self) -> str:
        return (
            f"MapDef({self.name!r}, type={self.type}, key={self.key_size},"
            f" value={self.value_size}, entries={self.max_entries}, flags={self.flags:#x})"
        )


def map_defs(obj: Object) -> list[MapDef]:
    """Return the maps that ``obj`` declares, in the order of their sections.

    Raises: InputError that names the map and the attribute.
    """
    defs: list[MapDef] = []
    section = obj.data.get(".maps")
    for symbol in section.symbols if section is not None else ():
        defs.append(_btf_map(symbol, section))
    legacy = obj.data.get("maps")
    for symbol in legacy.symbols if legacy is not None else ():
        assert legacy is not None
        defs.append(_legacy_map(obj, legacy, symbol))
    return defs


def map_of_type(name: str, type: TypeRef) -> MapDef | None:
    """Return the map that a variable of BTF ``type`` would be; None if the type is no struct.

    Raises: InputError for attributes that no map has.
    """
    shape = strip(type)
    return _read_struct(name, shape, inner=False) if isinstance(shape, Struct) else None


def difference(one: MapDef, other: MapDef) -> str:
    """Return the first attribute in which two definitions of a map differ; "" if none does."""
    for attribute in (
        "type",
        "key_size",
        "value_size",
        "max_entries",
        "flags",
        "numa_node",
        "pinning",
        "map_extra",
    ):
        if getattr(one, attribute) != getattr(other, attribute):
            return attribute
    if one.inner is not None and other.inner is not None:
        inner = difference(one.inner, other.inner)
        return "values: " + inner if inner else ""
    return "values" if (one.inner is None) != (other.inner is None) else ""


def data_sections(obj: Object) -> list[DataSection]:
    """Return the sections of variables, which loaders turn into one-element array maps."""
    return [data for data in obj.data.values() if _of_kind(data, ".data", ".bss", ".rodata")]


def is_readonly(section: DataSection) -> bool:
    """Tell whether programs may only read the variables of ``section``."""
    return _of_kind(section, ".rodata")


def _of_kind(section: DataSection, *kinds: str) -> bool:
    return any(section.name == kind or section.name.startswith(kind + ".") for kind in kinds)


# BTF maps ----------------------------------------------------------------------------------


def _btf_map(symbol: DataSymbol, section: DataSection | None) -> MapDef:
    assert section is not None
    if symbol.btf is None:
        raise InputError(f"map {symbol.name!r}: it has no BTF type, so its attributes are unknown")
    if symbol.linkage is Linkage.LOCAL:
        raise InputError(f"map {symbol.name!r}: a map cannot be static, loaders find it by name")
    shape = strip(symbol.btf.type)
    if not isinstance(shape, Struct):
        raise InputError(f"map {symbol.name!r}: its type is no struct")
    result = _read_struct(symbol.name, shape, inner=False)
    base = next((m.bit_offset // 8 for m in shape.members if m.name == "values"), None)
    for reloc in section.relocs:
        at = reloc.offset - symbol.offset
        if 0 <= at < symbol.size:
            if base is None or at < base or (at - base) % 8:
                raise InputError(
                    f"map {symbol.name!r}: an initialiser at byte {at}, where no element of"
                    " 'values' is"
                )
            result.values.append(((at - base) // 8, reloc.symbol))
    result.values.sort()
    return result


def _read_struct(name: str, shape: Struct, *, inner: bool) -> MapDef:
    result = MapDef(name)
    sizes: dict[str, tuple[int, str]] = {}  # "key"/"value" -> size, member that said so
    for member in shape.members:
        what = member.name
        if what in _NUMBERS:
            number = _number(name, member)
            if what in ("key_size", "value_size"):
                _set_size(name, sizes, what[:-5], number, what)
            elif what == "map_flags":
                result.flags = number
            else:
                setattr(result, what, number)
        elif what == "pinning":
            result.pinning = _number(name, member)
            if result.pinning >= len(_PINNING):
                raise InputError(f"map {name!r}: unknown pinning {result.pinning}")
            if inner:
                raise InputError(f"map {name!r}: the maps inside a map cannot be pinned")
        elif what in ("key", "value"):
            pointee = _pointee(name, member)
            size = byte_size(pointee)
            if not size and not isinstance(strip(pointee), Struct):
                raise InputError(f"map {name!r}: the type of {what!r} has no size")
            _set_size(name, sizes, what, size, what)
            if what == "key":
                result.key_type = pointee
            else:
                result.value_type = pointee
        elif what == "values":
            _read_values(name, member, result, sizes, inner=inner)
        else:
            raise InputError(f"map {name!r}: unknown attribute {what!r}")
    result.key_size = sizes.get("key", (0, ""))[0]
    result.value_size = sizes.get("value", (0, ""))[0]
    if not result.type:
        raise InputError(f"map {name!r}: attribute 'type' is missing")
    return result


def _read_values(
    name: str,
    member: Member,
    result: MapDef,
    sizes: dict[str, tuple[int, str]],
    *,
    inner: bool,
) -> None:
    array = strip(member.type)
    element = strip(array.type) if isinstance(array, Array) else None
    target = strip_qualifiers(element.type) if isinstance(element, Ptr) else None
    if isinstance(target, Ptr):  # a typedef'd function pointer
        target = strip(target.type)
    shape = strip(target)
    if isinstance(shape, FuncProto):
        if result.type != MapType.PROG_ARRAY:
            raise InputError(f"map {name!r}: only a program array has functions as 'values'")
    elif isinstance(shape, Struct):
        if result.type not in _OF_MAPS:
            raise InputError(f"map {name!r}: only a map of maps has maps as 'values'")
        if inner:
            raise InputError(f"map {name!r}: maps nest only one deep")
        result.inner = _read_struct(f"{name}.inner", shape, inner=True)
    else:
        raise InputError(f"map {name!r}: 'values' is no array of pointers to maps or functions")
    _set_size(name, sizes, "value", 4, "values")


def _set_size(
    name: str, sizes: dict[str, tuple[int, str]], which: str, size: int, member: str
) -> None:
    known = sizes.get(which)
    if known is not None and known[0] != size:
        raise InputError(
            f"map {name!r}: {member!r} says {size} bytes, but {known[1]!r} says {known[0]}"
        )
    sizes[which] = (size, member)


def _number(name: str, member: Member) -> int:
    """Return what ``__uint`` or ``__ulong`` put into the member's type."""
    outer = strip(member.type)
    if isinstance(outer, Ptr):
        array = strip(outer.type)
        if isinstance(array, Array):
            return array.nelems
    if isinstance(outer, Enum) and len(outer.values) == 1:
        return outer.values[0][1]
    raise InputError(
        f"map {name!r}: {member.name!r} is not written as __uint({member.name}, number)"
    )


def _pointee(name: str, member: Member) -> TypeRef:
    outer = strip(member.type)
    if isinstance(outer, Ptr) and outer.type is not None:
        return outer.type
    raise InputError(f"map {name!r}: {member.name!r} is not written as __type({member.name}, type)")


# The old form ------------------------------------------------------------------------------


def _legacy_map(obj: Object, section: DataSection, symbol: DataSymbol) -> MapDef:
    """Read ``struct bpf_map_def``: five 32-bit words; what follows must be zero."""
    size = symbol.size
    if size < 20 or size % 4:
        raise InputError(f"map {symbol.name!r}: a definition of {size} bytes, at least 20 expected")
    data = bytes(section.data[symbol.offset : symbol.offset + size])
    words = struct.unpack(f"{'>' if obj.big_endian else '<'}{size // 4}I", data)
    if any(words[5:]):
        raise InputError(
            f"map {symbol.name!r}: words after the flags are set ({words[5:]}), which only a"
            " loader that knows the struct's later members could read"
        )
    return MapDef(symbol.name, *words[:5])
