"""Arrays: values, per-CPU values, and arrays of things that are not memory.

Source: kernel/bpf/arraymap.c, devmap.c, cpumap.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...support.errors import InputError
from ..errnos import E2BIG, EBUSY, EEXIST, EINVAL, ENOENT
from ..memory import CellRegion
from .base import BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST, Map, round_up

if TYPE_CHECKING:
    from ...objfile.maps import MapDef
    from ..run import Run
    from ..world import World

_LARGEST = 1 << 30  # bytes that one array may take in this process


class ArrayMap(Map):
    """BPF_MAP_TYPE_ARRAY and the maps of ``.data``, ``.bss``, ``.rodata``.

    Every element exists and is zero at first. ``readonly`` keeps programs from writing.
    """

    def __init__(self, spec: MapDef, world: World, number: int, *, readonly: bool = False) -> None:
        super().__init__(spec, world, number)
        self.stride = round_up(max(self.value_size, 1), 8)
        self.regions = [
            self._make_region(cpu, readonly=readonly)
            for cpu in range(world.cpus if self.percpu else 1)
        ]

    def _make_region(self, cpu: int, *, readonly: bool) -> CellRegion:
        total = self.stride * self.max_entries
        if total > _LARGEST:
            raise InputError(
                f"map {self.name!r}: {self.max_entries} elements of {self.value_size} bytes are "
                f"more than the {_LARGEST >> 20} MiB that the VM gives to a map"
            )
        name = f"map {self.name}" + (f" (CPU {cpu})" if self.percpu else "")
        region = CellRegion(
            self.world.memory.map_base(total),
            bytearray(total),
            name,
            self.value_size,
            self.stride,
            writable=not readonly,
        )
        self.world.memory.add(region)
        return region

    def _region(self) -> CellRegion:
        return self.regions[self.world.cpu if self.percpu else 0]

    def _index(self, key: bytes) -> int:
        return int.from_bytes(key[:4], self.world.byteorder)

    def address(self, index: int = 0, offset: int = 0) -> int:
        """Return the address of an element, or of a byte inside it."""
        return self.regions[0].base + index * self.stride + offset

    def lookup(self, run: Run, key: bytes) -> int:
        """As in ``Map``."""
        index = self._index(key)
        return self._region().base + index * self.stride if index < self.max_entries else 0

    def lookup_percpu(self, run: Run, key: bytes, cpu: int) -> int:
        """As in ``Map``."""
        index = self._index(key)
        if not self.percpu or cpu >= len(self.regions) or index >= self.max_entries:
            return 0
        return self.regions[cpu].base + index * self.stride

    def update(self, key: bytes, value: bytes, flags: int) -> int:
        """As in ``Map``: elements cannot be new."""
        if flags & ~BPF_F_LOCK > BPF_EXIST:
            return -EINVAL
        index = self._index(key)
        if index >= self.max_entries:
            return -E2BIG
        if flags & BPF_NOEXIST:
            return -EEXIST
        at = index * self.stride
        self._region().data[at : at + self.value_size] = value
        return 0

    def delete(self, key: bytes) -> int:
        """As in ``Map``: elements cannot be deleted."""
        return -EINVAL

    def cells(self) -> Iterator[tuple[bytes, int]]:
        """As in ``Map``."""
        base = self._region().base
        for index in range(self.max_entries):
            yield index.to_bytes(4, self.world.byteorder), base + index * self.stride

    def keys_raw(self) -> list[bytes]:
        """As in ``Map``."""
        return [i.to_bytes(4, self.world.byteorder) for i in range(self.max_entries)]

    def read(self, key: bytes) -> bytes | list[bytes] | None:
        """As in ``Map``."""
        index = self._index(key)
        if index >= self.max_entries:
            return None
        at = index * self.stride
        values = [bytes(region.data[at : at + self.value_size]) for region in self.regions]
        return values if self.percpu else values[0]

    def write(self, key: bytes, value: bytes | list[bytes], flags: int = 0) -> int:
        """As in ``Map``: one value sets every CPU's."""
        index = self._index(key)
        if index >= self.max_entries:
            return -E2BIG
        at = index * self.stride
        for cpu, region in enumerate(self.regions):
            region.data[at : at + self.value_size] = (
                value if isinstance(value, bytes) else value[cpu]
            )
        return 0

    def clear(self) -> None:
        """As in ``Map``."""
        for region in self.regions:
            region.data[:] = bytes(len(region.data))


class PercpuArrayMap(ArrayMap):
    """BPF_MAP_TYPE_PERCPU_ARRAY."""

    percpu = True


class SlotMap(Map):
    """Arrays and hashes whose slots hold something set from outside, absent until then.

    DEVMAP, CPUMAP, XSKMAP, SOCKMAP, CGROUP_ARRAY, REUSEPORT_SOCKARRAY and their hash forms: the
    value is a number (interface, queue, address of a socket). ``lookup`` gives the value's
    address, for sockets the socket's.
    """

    def __init__(self, spec: MapDef, world: World, number: int, *, hashed: bool, sockets: bool):
        super().__init__(spec, world, number)
        self.hashed = hashed
        self.sockets = sockets
        self.slots: dict[bytes, bytearray] = {}

    def _bad(self, key: bytes) -> bool:
        return not self.hashed and self.number_of(key) >= self.max_entries

    def number_of(self, key: bytes) -> int:
        """Return an array key as a number."""
        return int.from_bytes(key[:4], self.world.byteorder)

    def value_of(self, key: bytes) -> int | None:
        """Return the number in a slot (a device map's: the interface), None when it is empty."""
        data = self.slots.get(key)
        if data is None:
            return None
        return int.from_bytes(data if self.sockets else data[:4], self.world.byteorder)

    def lookup(self, run: Run, key: bytes) -> int:
        """As in ``Map``."""
        data = self.slots.get(key)
        if data is None:
            return 0
        if self.sockets:
            return int.from_bytes(data, self.world.byteorder)
        return run.add_scratch(data, f"an entry of map {self.name}", writable=False)

    def update(self, key: bytes, value: bytes, flags: int) -> int:
        """As in ``Map``."""
        if flags > BPF_EXIST:
            return -EINVAL
        if self._bad(key):
            return -E2BIG
        present = key in self.slots
        if present and flags == BPF_NOEXIST:
            return -EEXIST
        if not present and flags == BPF_EXIST:
            return -ENOENT
        if not present and len(self.slots) >= self.max_entries:
            return -E2BIG
        self.slots[key] = bytearray(value)
        return 0

    def delete(self, key: bytes) -> int:
        """As in ``Map``."""
        if self._bad(key):
            return -EINVAL
        return 0 if self.slots.pop(key, None) is not None else -ENOENT

    def keys_raw(self) -> list[bytes]:
        """As in ``Map``."""
        return list(self.slots)

    def read(self, key: bytes) -> bytes | None:
        """As in ``Map``."""
        data = self.slots.get(key)
        return None if data is None else bytes(data)


class ObjectMap(Map):
    """Maps whose values are objects: programs (PROG_ARRAY) or maps (ARRAY_OF_MAPS, HASH_OF_MAPS).

    From outside: ``m[key] = program or map``.
    """

    def __init__(self, spec: MapDef, world: World, number: int, *, hashed: bool) -> None:
        super().__init__(spec, world, number)
        self.hashed = hashed
        self.objects: dict[bytes, Any] = {}

    def target(self, index: int) -> Any:
        """Return the object at an array index, None when there is none."""
        return self.objects.get(index.to_bytes(4, self.world.byteorder))

    def lookup(self, run: Run, key: bytes) -> int:
        """Return the inner map's handle; programs cannot be looked up."""
        found = self.objects.get(key)
        return found.handle if isinstance(found, Map) else 0

    def update(self, key: bytes, value: bytes, flags: int) -> int:
        """Programs may not change these maps."""
        return -EBUSY

    def delete(self, key: bytes) -> int:
        """As in ``Map``."""
        return 0 if self.objects.pop(key, None) is not None else -ENOENT

    def keys_raw(self) -> list[bytes]:
        """As in ``Map``."""
        return list(self.objects)

    def __getitem__(self, key: Any) -> Any:
        return self.objects[self.key_bytes(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        data = self.key_bytes(key)
        if not self.hashed and int.from_bytes(data, self.world.byteorder) >= self.max_entries:
            raise OSError(E2BIG, f"map {self.name}: index {key} is out of range")
        if data not in self.objects and len(self.objects) >= self.max_entries:
            raise OSError(E2BIG, f"map {self.name} is full")
        self.objects[data] = value

    def __contains__(self, key: Any) -> bool:
        return self.key_bytes(key) in self.objects
