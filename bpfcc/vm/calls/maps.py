"""Helpers on maps: elements, queues, storage, loops, per-CPU addresses, exchange of pointers.

Source: kernel/bpf/helpers.c, arraymap.c, bpf_local_storage.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errnos import E2BIG, EINVAL, ENOENT
from ..faults import BadArgument, MemoryFault
from ..maps.base import Map
from ..maps.hash import CgroupStorageMap, LocalStorageMap
from .register import helper, u32

if TYPE_CHECKING:
    from ..run import Run

_MAX_LOOPS = 8 * 1024 * 1024  # BPF_MAX_LOOPS


def map_of(run: Run, handle: int) -> Map:
    """Return the map that a program passes. Raises: BadArgument."""
    found = run.world.map_of(handle)
    if found is None:
        raise BadArgument(f"{handle:#x} is no map")
    return found


@helper("map_lookup_elem")
def lookup(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_map_lookup_elem(map, key)``."""
    found = map_of(run, r1)
    return found.lookup(run, run.memory.read(r2, found.key_size))


@helper("map_update_elem")
def update(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_map_update_elem(map, key, value, flags)``."""
    found = map_of(run, r1)
    key = run.memory.read(r2, found.key_size)
    return found.update(key, run.memory.read(r3, found.value_size), r4)


@helper("map_delete_elem")
def delete(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_map_delete_elem(map, key)``."""
    found = map_of(run, r1)
    return found.delete(run.memory.read(r2, found.key_size))


@helper("map_lookup_percpu_elem")
def lookup_percpu(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_map_lookup_percpu_elem(map, key, cpu)``."""
    found = map_of(run, r1)
    return found.lookup_percpu(run, run.memory.read(r2, found.key_size), u32(r3))


@helper("map_push_elem")
def push(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_map_push_elem(map, value, flags)``."""
    found = map_of(run, r1)
    return found.push(run.memory.read(r2, found.value_size), r3)


def _take(run: Run, found: Map, where: int, taken: bytes | int) -> int:
    if isinstance(taken, int):
        if taken == -ENOENT and found.type in (22, 23):  # a queue clears the caller's buffer
            run.memory.fill(where, found.value_size)
        return taken
    run.memory.write(where, taken)
    return 0


@helper("map_pop_elem")
def pop(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_map_pop_elem(map, value)``."""
    found = map_of(run, r1)
    return _take(run, found, r2, found.pop())


@helper("map_peek_elem")
def peek(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_map_peek_elem(map, value)``."""
    found = map_of(run, r1)
    return _take(run, found, r2, found.peek(run.memory.read(r2, found.value_size)))


@helper("for_each_map_elem")
def for_each(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_for_each_map_elem(map, callback(map, key, value, ctx), ctx, flags)``."""
    if r4:
        return -EINVAL
    found = map_of(run, r1)
    count = 0
    key_addr = 0
    buffer = bytearray(found.key_size)
    for key, value in found.cells():
        if not key_addr:
            key_addr = run.add_scratch(buffer, f"a key of map {found.name}", writable=False)
        buffer[:] = key
        count += 1
        if u32(run.call_address(r2, r1, key_addr, value, r3)):
            break
    return count


@helper("loop")
def loop(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_loop(count, callback(index, ctx), ctx, flags)``."""
    if r4:
        return -EINVAL
    count = u32(r1)
    if count > _MAX_LOOPS:
        return u32(-E2BIG)  # the kernel inlines this helper, and there with a 32-bit move
    for i in range(count):
        if run.call_address(r2, i, r3):
            return i + 1
    return count


def _storage(run: Run, handle: int, owner: int, initial: int, flags: int) -> int:
    found = map_of(run, handle)
    if not isinstance(found, LocalStorageMap):
        raise BadArgument(f"map {found.name} is no local storage")
    if flags & ~1 or not owner:
        return 0
    value = run.memory.read(initial, found.value_size) if initial and flags & 1 else None
    return found.of(run, owner, value, create=bool(flags & 1))


@helper("sk_storage_get", "inode_storage_get", "task_storage_get", "cgrp_storage_get")
def storage_get(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_sk_storage_get(map, owner, initial value, flags)``: flag 1 creates."""
    return _storage(run, r1, r2, r3, r4)


@helper("sk_storage_delete", "inode_storage_delete", "task_storage_delete", "cgrp_storage_delete")
def storage_delete(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sk_storage_delete(map, owner)``."""
    found = map_of(run, r1)
    if not isinstance(found, LocalStorageMap):
        raise BadArgument(f"map {found.name} is no local storage")
    return found.forget(r2) if r2 else -EINVAL


@helper("get_local_storage")
def local_storage(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_get_local_storage(map, flags)``."""
    found = map_of(run, r1)
    if not isinstance(found, CgroupStorageMap):
        raise BadArgument(f"map {found.name} is no cgroup storage")
    return found.current(run)


@helper("kptr_xchg")
def kptr_exchange(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_kptr_xchg(place, pointer)``: swap and return what was there."""
    order = run.world.byteorder
    old = int.from_bytes(run.memory.read(r1, 8), order)
    run.memory.write(r1, r2.to_bytes(8, order))
    if old:
        run.references[old] = "kptr"
    run.references.pop(r2, None)
    return old


@helper("per_cpu_ptr")
def per_cpu(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_per_cpu_ptr(variable, cpu)``."""
    places = run.world.percpu.get(r1)
    cpu = u32(r2)
    if cpu >= run.world.cpus:
        return 0
    return places[cpu] if places is not None else r1


@helper("this_cpu_ptr")
def this_cpu(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_this_cpu_ptr(variable)``."""
    places = run.world.percpu.get(r1)
    return places[run.world.cpu] if places is not None else r1


@helper("spin_lock")
def spin_lock(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_spin_lock(lock)``."""
    if int.from_bytes(run.memory.read(r1, 4), run.world.byteorder):
        raise BadArgument("the lock is already held: the CPU would wait for itself for ever")
    run.memory.write(r1, (1).to_bytes(4, run.world.byteorder))
    return 0


@helper("spin_unlock")
def spin_unlock(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_spin_unlock(lock)``."""
    if not int.from_bytes(run.memory.read(r1, 4), run.world.byteorder):
        raise BadArgument("the lock is not held")
    run.memory.write(r1, bytes(4))
    return 0


@helper("sock_map_update", "sock_hash_update")
def sock_map_update(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sock_map_update(ctx, map, key, flags)``: the context's ``sk``, or itself."""
    found = map_of(run, r2)
    try:
        owner = int.from_bytes(run.memory.read(run.ctx + 184, 8), run.world.byteorder)
    except MemoryFault:
        owner = run.ctx
    key = run.memory.read(r3, found.key_size)
    return found.update(key, owner.to_bytes(found.value_size, run.world.byteorder), r4)
