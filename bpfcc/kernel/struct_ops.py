"""struct_ops: kernel interfaces implemented by BPF programs.

A variable of the interface's struct type in section ".struct_ops" (or ".struct_ops.link") becomes
a map of one element: the kernel's own layout of the struct, with program descriptors where the
variable points to functions. Source: kernel/bpf/bpf_struct_ops.c, libbpf's struct_ops handling.
"""

from __future__ import annotations

from ..btf.layout import byte_size, strip
from ..btf.relocate import essential_name
from ..btf.types import Struct
from ..objfile.model import DataReloc, DataSection, DataSymbol, Object
from ..support.errors import InputError
from ..uapi.map_types import MapFlag, MapType
from . import maps as kernel_maps
from .maps import Map
from .vmlinux import struct_id

_PREFIX = "bpf_struct_ops_"  # of the kernel's struct around the interface struct


class StructOpsMap(Map):
    """The map of one interface; ``contents`` is what registers it, ``link`` how it is attached."""

    def __init__(self, fd: int, name: str, contents: bytes, *, link: bool) -> None:
        super().__init__(fd, name, MapType.STRUCT_OPS, 4, len(contents), 1)
        self.contents = contents
        self.link = link


def find_struct_ops(obj: Object) -> dict[str, StructOps]:
    """Return the interfaces that ``obj`` implements, by the names of their variables."""
    found: dict[str, StructOps] = {}
    for data in obj.data.values():
        if data.name == ".struct_ops" or data.name.startswith(".struct_ops."):
            for symbol in data.symbols:
                found[symbol.name] = StructOps(obj, data, symbol)
    return found


class StructOps:
    """One variable of an interface type. ``kernel_id``: the struct's id in the kernel's BTF."""

    def __init__(self, obj: Object, data: DataSection, symbol: DataSymbol) -> None:
        self.name = symbol.name
        self.link = data.name.startswith(".struct_ops.link")
        shape = strip(symbol.btf.type) if symbol.btf is not None else None
        if not isinstance(shape, Struct):
            raise InputError(f"struct_ops variable {symbol.name!r} has no struct type")
        self._local = shape
        self._contents = bytes(data.data[symbol.offset : symbol.offset + symbol.size])
        self._relocs: dict[int, DataReloc] = {
            reloc.offset - symbol.offset: reloc
            for reloc in data.relocs
            if symbol.offset <= reloc.offset < symbol.offset + symbol.size
        }
        self.type_name = essential_name(shape.name)
        self.kernel_id, self._kernel = struct_id(self.type_name)
        self._indices = {m.name: i for i, m in enumerate(self._kernel.members) if m.name}

    def programs(self) -> list[str]:
        """Return the names of the programs that the variable points to."""
        return [reloc.symbol for _, reloc in sorted(self._relocs.items())]

    def member_of(self, program: str) -> int | None:
        """Return the index, in the kernel's struct, of the operation that ``program`` is."""
        for member in self._local.members:
            reloc = self._relocs.get(member.bit_offset // 8)
            if reloc is not None and reloc.symbol == program:
                index = self._indices.get(essential_name(member.name))
                if index is None:
                    raise InputError(
                        f"struct {self.type_name} of this kernel has no operation {member.name!r}"
                    )
                return index
        return None

    def create(self, programs: dict[str, int], btf_fd: int) -> StructOpsMap:
        """Create the map; ``attach_struct_ops`` registers it with the kernel.

        ``programs``: descriptors by name.
        """
        value_id, outer = struct_id(_PREFIX + self.type_name)
        place = next((m.bit_offset // 8 for m in outer.members if m.name == "data"), None)
        if place is None:
            raise InputError(f"struct {_PREFIX}{self.type_name} of this kernel has no 'data'")
        value = bytearray(outer.size)
        for member in self._local.members:
            self._fill(value, place, member.name, member.bit_offset // 8, programs)
        fd = kernel_maps.create(
            self.name,
            MapType.STRUCT_OPS,
            4,
            outer.size,
            1,
            MapFlag.LINK if self.link else 0,
            btf_fd=btf_fd,
            vmlinux_value_id=value_id,
        )
        return StructOpsMap(fd, self.name, bytes(value), link=self.link)

    def _fill(
        self, value: bytearray, place: int, name: str, at: int, programs: dict[str, int]
    ) -> None:
        """Copy one member of the variable to where the kernel has the member of that name."""
        member = next(m for m in self._local.members if m.name == name)
        size = byte_size(member.type)
        reloc = self._relocs.get(at)
        index = self._indices.get(essential_name(name))
        contents = self._contents[at : at + size]
        if index is None:
            if reloc is not None or any(contents):
                raise InputError(f"struct {self.type_name} of this kernel has no member {name!r}")
            return
        target = self._kernel.members[index]
        start = place + target.bit_offset // 8
        if reloc is not None:
            fd = programs[reloc.symbol]
            value[start : start + 8] = fd.to_bytes(8, kernel_maps.byte_order())
            return
        if member.bitfield_size or target.bitfield_size:
            if any(contents):
                raise InputError(f"struct {self.type_name}: bit-field {name!r} cannot be set")
            return
        if size != byte_size(target.type):
            if any(contents):
                raise InputError(
                    f"struct {self.type_name}: member {name!r} has {size} bytes here and"
                    f" {byte_size(target.type)} in this kernel"
                )
            return
        value[start : start + size] = contents
