"""Hash tables: plain, per-CPU, and least-recently-used.

An update of an existing element of a plain table makes a new element, as the kernel's does: a
pointer from an earlier lookup then leads to the old value until the run ends.
Source: kernel/bpf/hashtab.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errnos import E2BIG, EEXIST, EINVAL, ENOENT
from ..memory import SlabRegion
from .base import BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST, Map, round_up

if TYPE_CHECKING:
    from ...objfile.maps import MapDef
    from ..run import Run
    from ..world import World

_ROOM = (1 << 32) - (1 << 20)  # bytes of address space of a slab
_RETIRED = 1 << 14  # dead elements kept readable at most


class HashMap(Map):
    """BPF_MAP_TYPE_HASH, and with ``lru`` BPF_MAP_TYPE_LRU_HASH.

    ``index``: key -> number of its cell. With per-CPU values cell ``c`` of CPU ``p`` is in slab p.
    """

    lru = False

    def __init__(self, spec: MapDef, world: World, number: int) -> None:
        super().__init__(spec, world, number)
        self.stride = round_up(max(self.value_size, 1), 8) + 8  # 8 bytes that belong to nobody
        self.slabs = [self._make_slab(cpu) for cpu in range(world.cpus if self.percpu else 1)]
        self.index: dict[bytes, int] = {}
        self._next = 0
        self._retired: list[int] = []

    def _make_slab(self, cpu: int) -> SlabRegion:
        name = f"map {self.name}" + (f" (CPU {cpu})" if self.percpu else "")
        slab = SlabRegion(self.world.memory.map_base(0), name, self.value_size, self.stride)
        slab.size = _ROOM
        self.world.memory.add(slab)
        return slab

    def _address(self, cell: int, cpu: int) -> int:
        return self.slabs[cpu].base + cell * self.stride

    def _cpu(self) -> int:
        return self.world.cpu if self.percpu else 0

    def _new_cell(self, values: list[bytes]) -> int:
        capacity = _ROOM // self.stride
        cell = self._next % capacity
        while cell in self.slabs[0].cells:
            self._next += 1
            cell = self._next % capacity
        self._next += 1
        for slab, value in zip(self.slabs, values):
            slab.cells[cell] = bytearray(value)
        return cell

    def _retire(self, cell: int) -> None:
        """Let go of an element; a running program may still hold its address."""
        if not self.world.running:
            self._free(cell)
            return
        if not self._retired:
            self.world.at_run_end(self._free_retired)
        elif len(self._retired) >= _RETIRED:
            self._free(self._retired.pop(0))
        self._retired.append(cell)

    def _free(self, cell: int) -> None:
        for slab in self.slabs:
            slab.cells.pop(cell, None)

    def _free_retired(self) -> None:
        for cell in self._retired:
            self._free(cell)
        self._retired.clear()

    def _touch(self, key: bytes) -> None:
        """Mark ``key`` as used last."""
        self.index[key] = self.index.pop(key)

    # --- program side ----------------------------------------------------------------------

    def lookup(self, run: Run, key: bytes) -> int:
        """As in ``Map``."""
        cell = self.index.get(key)
        if cell is None:
            return 0
        if self.lru:
            self._touch(key)
        return self._address(cell, self._cpu())

    def lookup_percpu(self, run: Run, key: bytes, cpu: int) -> int:
        """As in ``Map``."""
        cell = self.index.get(key)
        if cell is None or not self.percpu or cpu >= len(self.slabs):
            return 0
        return self._address(cell, cpu)

    def update(self, key: bytes, value: bytes, flags: int) -> int:
        """As in ``Map``."""
        return self._update(key, value, flags, self._cpu())

    def _update(self, key: bytes, value: bytes | list[bytes], flags: int, cpu: int) -> int:
        if flags & ~BPF_F_LOCK > BPF_EXIST:
            return -EINVAL
        cell = self.index.get(key)
        if cell is not None and flags & BPF_NOEXIST:
            return -EEXIST
        if cell is None and flags & BPF_EXIST:
            return -ENOENT
        if cell is not None and (self.percpu or flags & BPF_F_LOCK):
            for number, slab in enumerate(self.slabs):
                if isinstance(value, list):
                    slab.cells[cell][:] = value[number]
                elif number == cpu:
                    slab.cells[cell][:] = value
            if self.lru:
                self._touch(key)
            return 0
        if cell is None and len(self.index) >= self.max_entries:
            if not self.lru:
                return -E2BIG
            oldest = next(iter(self.index))
            self._retire(self.index.pop(oldest))
        if isinstance(value, list):
            values = value
        else:
            zero = bytes(self.value_size)
            values = [value if number == cpu else zero for number in range(len(self.slabs))]
        new = self._new_cell(values)
        if cell is not None:
            self._retire(cell)
            if self.lru:
                del self.index[key]
        self.index[key] = new
        return 0

    def delete(self, key: bytes) -> int:
        """As in ``Map``."""
        cell = self.index.pop(key, None)
        if cell is None:
            return -ENOENT
        self._retire(cell)
        return 0

    def cells(self) -> Iterator[tuple[bytes, int]]:
        """As in ``Map``: elements deleted meanwhile are left out."""
        for key in list(self.index):
            cell = self.index.get(key)
            if cell is not None:
                yield key, self._address(cell, self._cpu())

    # --- outside ---------------------------------------------------------------------------

    def keys_raw(self) -> list[bytes]:
        """As in ``Map``."""
        return list(self.index)

    def read(self, key: bytes) -> bytes | list[bytes] | None:
        """As in ``Map``; reading from outside does not count as use."""
        cell = self.index.get(key)
        if cell is None:
            return None
        values = [bytes(slab.cells[cell]) for slab in self.slabs]
        return values if self.percpu else values[0]

    def write(self, key: bytes, value: bytes | list[bytes], flags: int = 0) -> int:
        """As in ``Map``: one value sets every CPU's."""
        if self.percpu and isinstance(value, bytes):
            value = [value] * len(self.slabs)
        elif not self.percpu and isinstance(value, list):
            value = value[0]
        return self._update(key, value, flags, 0)


class PercpuHashMap(HashMap):
    """BPF_MAP_TYPE_PERCPU_HASH."""

    percpu = True


class LruHashMap(HashMap):
    """BPF_MAP_TYPE_LRU_HASH: when full, the element that was used longest ago goes.

    The kernel's order is approximate and per CPU; here it is exact.
    """

    lru = True


class LruPercpuHashMap(PercpuHashMap):
    """BPF_MAP_TYPE_LRU_PERCPU_HASH."""

    lru = True


class LocalStorageMap(HashMap):
    """SK_STORAGE, TASK_STORAGE, INODE_STORAGE, CGRP_STORAGE: a value per kernel object.

    The key is the object's address (8 bytes); from outside too.
    """

    def __init__(self, spec: MapDef, world: World, number: int) -> None:
        super().__init__(spec, world, number)
        self.key_size = 8
        self.max_entries = 1 << 30

    def of(self, run: Run, owner: int, initial: bytes | None, *, create: bool) -> int:
        """Return the address of ``owner``'s value; ``create`` it from ``initial`` or zeros."""
        if not owner:
            return 0
        key = owner.to_bytes(8, self.world.byteorder)
        if key not in self.index and create:
            value = bytes(self.value_size) if initial is None else initial
            self._update(key, value, 0, 0)
        return self.lookup(run, key)

    def forget(self, owner: int) -> int:
        """Delete the value of ``owner``."""
        return self.delete(owner.to_bytes(8, self.world.byteorder))


class CgroupStorageMap(HashMap):
    """CGROUP_STORAGE and its per-CPU form: one value for the cgroup a program runs for."""

    def current(self, run: Run) -> int:
        """Return the address of the current cgroup's value, made when first asked for."""
        key = self.world.cgroup_id.to_bytes(8, self.world.byteorder)
        key += bytes(max(0, self.key_size - 8))
        if key not in self.index:
            self._update(key[: self.key_size], bytes(self.value_size), 0, 0)
        return self.lookup(run, key[: self.key_size])


class PercpuCgroupStorageMap(CgroupStorageMap):
    """BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE."""

    percpu = True
