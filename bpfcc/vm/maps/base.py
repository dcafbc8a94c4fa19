"""What every map has: attributes, a handle for programs, and access from outside by Python value.

Programs reach a map through helpers, which use the methods below ``# program side``: keys and
values are bytes, results are addresses or negative error numbers as in the kernel. Tests and tools
use the mapping protocol: ``m[key]``, ``m[key] = value``, ``del m[key]``, ``m.items()``, with ints,
bytes, or dicts and lists after the BTF types of key and value (``values``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...uapi.map_types import MapType
from ..errnos import EINVAL, ENOENT, EOPNOTSUPP
from ..memory import HANDLE_BASE
from ..values import decode, encode

if TYPE_CHECKING:
    from ...objfile.maps import MapDef
    from ..run import Run
    from ..world import World

BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK = 0, 1, 2, 4


def round_up(size: int, to: int) -> int:
    """Return ``size`` rounded up to a multiple of ``to``."""
    return -(-size // to) * to


class Map:
    """Base of all maps.

    ``handle`` is what a program holds as the map's address. ``percpu`` tells that there is one
    value per CPU.
    """

    percpu = False

    def __init__(self, spec: MapDef, world: World, number: int) -> None:
        self.spec = spec
        self.world = world
        self.name = spec.name
        self.type = spec.type
        self.key_size = spec.key_size
        self.value_size = spec.value_size
        self.max_entries = spec.max_entries
        self.flags = spec.flags
        self.handle = HANDLE_BASE + number * 0x100
        self.big_endian = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    # --- program side ----------------------------------------------------------------------

    def lookup(self, run: Run, key: bytes) -> int:
        """Return the address of the value, 0 when there is none."""
        return 0

    def lookup_percpu(self, run: Run, key: bytes, cpu: int) -> int:
        """Return the address of the value of ``cpu``, 0 when there is none."""
        return 0

    def update(self, key: bytes, value: bytes, flags: int) -> int:
        """Insert or change an element; return 0 or a negative error number."""
        return -EOPNOTSUPP

    def delete(self, key: bytes) -> int:
        """Remove an element; return 0 or a negative error number."""
        return -EOPNOTSUPP

    def push(self, value: bytes, flags: int) -> int:
        """Add a value to a queue, stack or filter."""
        return -EINVAL

    def pop(self) -> bytes | int:
        """Take a value off; return it or a negative error number."""
        return -EINVAL

    def peek(self, value: bytes) -> bytes | int:
        """Look at the next value (or, for a filter, for ``value``)."""
        return -EINVAL

    def cells(self) -> Iterator[tuple[bytes, int]]:
        """Yield (key, address of the value) of every element, for bpf_for_each_map_elem."""
        return iter(())

    # --- outside ---------------------------------------------------------------------------

    def keys_raw(self) -> list[bytes]:
        """Return all keys."""
        return []

    def read(self, key: bytes) -> bytes | list[bytes] | None:
        """Return the value (per-CPU maps: one per CPU) under ``key``, None when absent."""
        return None

    def write(self, key: bytes, value: bytes | list[bytes], flags: int = BPF_ANY) -> int:
        """Set a value from outside; return 0 or a negative error number."""
        if isinstance(value, list):
            value = value[0]
        return self.update(key, value, flags)

    def erase(self, key: bytes) -> int:
        """Delete from outside; return 0 or a negative error number."""
        return self.delete(key)

    def key_bytes(self, key: Any) -> bytes:
        """Return ``key`` as the map's bytes. Raises: ValueError or TypeError."""
        return encode(self.spec.key_type, key, self.key_size, big_endian=self.big_endian)

    def value_bytes(self, value: Any) -> bytes:
        """Return ``value`` as the map's bytes. Raises: ValueError or TypeError."""
        return encode(self.spec.value_type, value, self.value_size, big_endian=self.big_endian)

    def key_value(self, data: bytes) -> Any:
        """Return key bytes as a Python value."""
        return decode(self.spec.key_type, data, big_endian=self.big_endian)

    def value_value(self, data: bytes) -> Any:
        """Return value bytes as a Python value."""
        return decode(self.spec.value_type, data, big_endian=self.big_endian)

    def __getitem__(self, key: Any) -> Any:
        found = self.read(self.key_bytes(key))
        if found is None:
            raise KeyError(key)
        if isinstance(found, list):
            return [self.value_value(one) for one in found]
        return self.value_value(found)

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value under ``key``, or ``default``."""
        try:
            return self[key]
        except KeyError:
            return default

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.percpu and isinstance(value, list) and len(value) == self.world.cpus:
            data: bytes | list[bytes] = [self.value_bytes(one) for one in value]
        else:
            data = self.value_bytes(value)
        result = self.write(self.key_bytes(key), data)
        if result:
            raise OSError(-result, f"map {self.name}: cannot set {key!r}")

    def __delitem__(self, key: Any) -> None:
        result = self.erase(self.key_bytes(key))
        if result == -ENOENT:
            raise KeyError(key)
        if result:
            raise OSError(-result, f"map {self.name}: cannot delete {key!r}")

    def __contains__(self, key: Any) -> bool:
        return self.read(self.key_bytes(key)) is not None

    def __iter__(self) -> Iterator[Any]:
        return (self.key_value(key) for key in self.keys_raw())

    def __len__(self) -> int:
        return len(self.keys_raw())

    def items(self) -> list[tuple[Any, Any]]:
        """Return all (key, value) as Python values."""
        return [(key, self[key]) for key in self]

    def clear(self) -> None:
        """Empty the map (array maps: set all to zero)."""
        for key in self.keys_raw():
            self.erase(key)


def is_percpu(map_type: int) -> bool:
    """Tell whether maps of this type keep a value per CPU."""
    return map_type in (
        MapType.PERCPU_HASH,
        MapType.PERCPU_ARRAY,
        MapType.LRU_PERCPU_HASH,
        MapType.PERCPU_CGROUP_STORAGE,
    )
