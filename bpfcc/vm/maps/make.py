"""From a map definition to a map: the class of each type, and the checks before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...support.errors import InputError
from ...uapi.map_types import MapType, c_name
from .arena import ArenaMap
from .array import ArrayMap, ObjectMap, PercpuArrayMap, SlotMap
from .base import Map
from .hash import (
    CgroupStorageMap,
    HashMap,
    LocalStorageMap,
    LruHashMap,
    LruPercpuHashMap,
    PercpuCgroupStorageMap,
    PercpuHashMap,
)
from .output import PerfMap, RingbufMap, StackTraceMap, UserRingbufMap
from .queue import BloomMap, QueueMap, StackMap
from .trie import TrieMap

if TYPE_CHECKING:
    from ...objfile.maps import MapDef
    from ..world import World


def _slot(hashed: bool, sockets: bool) -> Callable[[MapDef, World, int], Map]:
    return lambda spec, world, number: SlotMap(spec, world, number, hashed=hashed, sockets=sockets)


def _objects(hashed: bool) -> Callable[[MapDef, World, int], Map]:
    return lambda spec, world, number: ObjectMap(spec, world, number, hashed=hashed)


_CLASSES: dict[int, Callable[[MapDef, World, int], Map]] = {
    MapType.HASH: HashMap,
    MapType.ARRAY: ArrayMap,
    MapType.PROG_ARRAY: _objects(False),
    MapType.PERF_EVENT_ARRAY: PerfMap,
    MapType.PERCPU_HASH: PercpuHashMap,
    MapType.PERCPU_ARRAY: PercpuArrayMap,
    MapType.STACK_TRACE: StackTraceMap,
    MapType.CGROUP_ARRAY: _slot(False, False),
    MapType.LRU_HASH: LruHashMap,
    MapType.LRU_PERCPU_HASH: LruPercpuHashMap,
    MapType.LPM_TRIE: TrieMap,
    MapType.ARRAY_OF_MAPS: _objects(False),
    MapType.HASH_OF_MAPS: _objects(True),
    MapType.DEVMAP: _slot(False, False),
    MapType.SOCKMAP: _slot(False, True),
    MapType.CPUMAP: _slot(False, False),
    MapType.XSKMAP: _slot(False, False),
    MapType.SOCKHASH: _slot(True, True),
    MapType.CGROUP_STORAGE: CgroupStorageMap,
    MapType.REUSEPORT_SOCKARRAY: _slot(False, True),
    MapType.PERCPU_CGROUP_STORAGE: PercpuCgroupStorageMap,
    MapType.QUEUE: QueueMap,
    MapType.STACK: StackMap,
    MapType.SK_STORAGE: LocalStorageMap,
    MapType.DEVMAP_HASH: _slot(True, False),
    MapType.STRUCT_OPS: _objects(False),
    MapType.RINGBUF: RingbufMap,
    MapType.INODE_STORAGE: LocalStorageMap,
    MapType.TASK_STORAGE: LocalStorageMap,
    MapType.BLOOM_FILTER: BloomMap,
    MapType.USER_RINGBUF: UserRingbufMap,
    MapType.CGRP_STORAGE: LocalStorageMap,
    MapType.ARENA: ArenaMap,
}
_NO_SIZE = frozenset(
    {
        MapType.RINGBUF,
        MapType.USER_RINGBUF,
        MapType.ARENA,
        MapType.PERF_EVENT_ARRAY,
        MapType.STRUCT_OPS,
    }
)
_NO_KEY = frozenset({MapType.QUEUE, MapType.STACK, MapType.BLOOM_FILTER})


def make_map(spec: MapDef, world: World, number: int) -> Map:
    """Return a new map.

    Raises: InputError when the type is unknown or an attribute that storage needs is missing.
    """
    make = _CLASSES.get(spec.type)
    if make is None:
        raise InputError(f"map {spec.name!r}: unknown map type {spec.type}")
    kind = c_name(spec.type)
    if spec.type not in _NO_SIZE:
        if spec.value_size <= 0 or spec.value_size > 1 << 26:
            raise InputError(f"map {spec.name!r}: value size {spec.value_size} of a {kind}")
        if spec.type not in _NO_KEY and not 0 < spec.key_size <= 1 << 20:
            raise InputError(f"map {spec.name!r}: key size {spec.key_size} of a {kind}")
    if spec.type == MapType.LPM_TRIE and spec.key_size < 5:
        raise InputError(f"map {spec.name!r}: the key of a {kind} is a length and data")
    return make(spec, world, number)
