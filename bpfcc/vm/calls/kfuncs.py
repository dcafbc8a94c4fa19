"""Kernel functions that programs of all kinds call: iterators, objects, lists, trees, strings.

Source: kernel/bpf/helpers.c (generic and common kfunc sets), kernel/bpf/bpf_iter.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...btf.layout import byte_size
from ..errnos import E2BIG, EDEADLK, EINVAL, ENOENT
from ..faults import BadArgument
from ..maps.arena import ArenaMap
from .maps import map_of
from .register import kfunc, s32, u32

if TYPE_CHECKING:
    from ..run import Run


@kfunc(
    "bpf_rcu_read_lock",
    "bpf_rcu_read_unlock",
    "bpf_preempt_disable",
    "bpf_preempt_enable",
    "bpf_local_irq_save",
    "bpf_local_irq_restore",
    "bpf_task_release",
    "bpf_cgroup_release",
    "bpf_key_put",
    "bpf_put_file",
)
def nothing(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """Marks that mean nothing to a single-threaded machine; releases."""
    run.references.pop(r1, None)
    return 0


@kfunc("bpf_cast_to_kern_ctx", "bpf_rdonly_cast", "bpf_task_acquire", "bpf_cgroup_acquire")
def same_pointer(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """Casts and reference counts: the pointer itself."""
    return r1


# --- numeric iterator: current (4 bytes), end (4 bytes), as the kernel lays it out -------------


@kfunc("bpf_iter_num_new")
def iter_new(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_iter_num_new(iterator, start, end)``."""
    start, end = s32(r2), s32(r3)
    error = -EINVAL if start > end else -E2BIG if end - start > 8 << 20 else 0
    if error:
        start = end = 0
    order = run.world.byteorder
    current = (start - 1 if not error else 0) & 0xFFFFFFFF
    run.memory.write(r1, current.to_bytes(4, order) + u32(end).to_bytes(4, order))
    return error


@kfunc("bpf_iter_num_next")
def iter_next(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``Int *bpf_iter_num_next(iterator)``: the current number's address, NULL at the end."""
    order = run.world.byteorder
    raw = run.memory.read(r1, 8)
    current = s32(int.from_bytes(raw[:4], order)) + 1
    end = s32(int.from_bytes(raw[4:], order))
    if current >= end:
        run.memory.write(r1, bytes(8))
        return 0
    run.memory.write(r1, u32(current).to_bytes(4, order))
    return r1


@kfunc("bpf_iter_num_destroy")
def iter_destroy(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_iter_num_destroy(iterator)``."""
    run.memory.write(r1, bytes(8))
    return 0


# --- objects -----------------------------------------------------------------------------------


@kfunc("bpf_obj_new_impl", "bpf_percpu_obj_new_impl")
def obj_new(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_obj_new_impl(local type id, meta)``."""
    if r1 not in run.world.types:
        raise BadArgument(f"bpf_obj_new: there is no local type number {r1}")
    size = byte_size(run.world.types[r1])
    addr = run.world.new_object(bytearray(size), f"object of type {r1}", writable=True)
    run.references[addr] = "an object"
    return addr


@kfunc("bpf_obj_drop_impl", "bpf_percpu_obj_drop_impl")
def obj_drop(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_obj_drop_impl(object, meta)``."""
    if not r1:
        raise BadArgument("bpf_obj_drop of NULL")
    run.references.pop(r1, None)
    region = run.memory.find(r1)
    if region is not None:
        run.memory.remove(region)
    return 0


@kfunc("bpf_refcount_acquire_impl")
def refcount_acquire(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_refcount_acquire_impl(object, meta)``."""
    return r1


def _push(run: Run, head: int, node: int, *, front: bool) -> int:
    chain = run.world.lists.setdefault(head, [])
    if any(node in other for other in run.world.lists.values()):
        return -EINVAL
    chain.insert(0 if front else len(chain), node)
    run.references.pop(node, None)
    return 0


@kfunc("bpf_list_push_front_impl")
def list_push_front(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_list_push_front_impl(head, node, meta, offset)``."""
    return _push(run, r1, r2, front=True)


@kfunc("bpf_list_push_back_impl")
def list_push_back(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_list_push_back_impl(head, node, meta, offset)``."""
    return _push(run, r1, r2, front=False)


def _pop(run: Run, head: int, index: int) -> int:
    chain = run.world.lists.get(head)
    return chain.pop(index) if chain else 0


@kfunc("bpf_list_pop_front")
def list_pop_front(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_list_node *bpf_list_pop_front(head)``."""
    return _pop(run, r1, 0)


@kfunc("bpf_list_pop_back")
def list_pop_back(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_list_node *bpf_list_pop_back(head)``."""
    return _pop(run, r1, -1)


@kfunc("bpf_list_front", "bpf_rbtree_first")
def list_front(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_list_node *bpf_list_front(head)``; bpf_rbtree_first(root)."""
    chain = run.world.lists.get(r1)
    return chain[0] if chain else 0


@kfunc("bpf_list_back")
def list_back(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_list_node *bpf_list_back(head)``."""
    chain = run.world.lists.get(r1)
    return chain[-1] if chain else 0


@kfunc("bpf_rbtree_add_impl")
def rbtree_add(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_rbtree_add_impl(root, node, less, meta, offset)``: kept as a sorted list."""
    chain = run.world.lists.setdefault(r1, [])
    if any(r2 in other for other in run.world.lists.values()):
        return -EINVAL
    at = 0
    while at < len(chain) and not run.call_address(r3, r2, chain[at]) & 0xFF:
        at += 1
    chain.insert(at, r2)
    run.references.pop(r2, None)
    return 0


def _span(chain: list[int], node: int) -> tuple[int, int]:
    """Return the part of the sorted chain under ``node`` in a balanced tree: (first, end)."""
    at = chain.index(node)
    first, end = 0, len(chain)
    while True:
        middle = (first + end) // 2
        if at == middle:
            return first, end
        first, end = (first, middle) if at < middle else (middle + 1, end)


def _chain_of(run: Run, node: int) -> list[int]:
    return next((chain for chain in run.world.lists.values() if node in chain), [])


@kfunc("bpf_rbtree_root")
def rbtree_root(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_rb_node *bpf_rbtree_root(root)``: the middle; the kernel's may be another."""
    chain = run.world.lists.get(r1)
    return chain[len(chain) // 2] if chain else 0


@kfunc("bpf_rbtree_left")
def rbtree_left(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_rb_node *bpf_rbtree_left(root, node)``."""
    chain = _chain_of(run, r2)
    if not chain:
        return 0
    first, at = _span(chain, r2)[0], chain.index(r2)
    return chain[(first + at) // 2] if first < at else 0


@kfunc("bpf_rbtree_right")
def rbtree_right(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_rb_node *bpf_rbtree_right(root, node)``."""
    chain = _chain_of(run, r2)
    if not chain:
        return 0
    at, end = chain.index(r2) + 1, _span(chain, r2)[1]
    return chain[(at + end) // 2] if at < end else 0


@kfunc("bpf_rbtree_remove")
def rbtree_remove(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_rb_node *bpf_rbtree_remove(root, node)``."""
    chain = run.world.lists.get(r1, [])
    if r2 not in chain:
        return 0
    chain.remove(r2)
    return r2


# --- locks, maps -------------------------------------------------------------------------------


@kfunc("bpf_res_spin_lock", "bpf_res_spin_lock_irqsave")
def res_spin_lock(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_res_spin_lock(lock)``: a lock that is held already is a deadlock, and said so."""
    order = run.world.byteorder
    if int.from_bytes(run.memory.read(r1, 4), order):
        return -EDEADLK
    run.memory.write(r1, (1).to_bytes(4, order))
    return 0


@kfunc("bpf_res_spin_unlock", "bpf_res_spin_unlock_irqrestore")
def res_spin_unlock(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_res_spin_unlock(lock)``."""
    if not int.from_bytes(run.memory.read(r1, 4), run.world.byteorder):
        raise BadArgument("the lock is not held")
    run.memory.write(r1, bytes(4))
    return 0


@kfunc("bpf_map_sum_elem_count")
def sum_elem_count(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``s64 bpf_map_sum_elem_count(map)``."""
    return len(map_of(run, r1))


# --- arena -------------------------------------------------------------------------------------


@kfunc("bpf_arena_alloc_pages")
def arena_alloc(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_arena_alloc_pages(map, address, count, node, flags)``."""
    found = map_of(run, r1)
    if not isinstance(found, ArenaMap) or r5:
        return 0
    return found.allocate(r2, u32(r3))


@kfunc("bpf_arena_reserve_pages")
def arena_reserve(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_arena_reserve_pages(map, address, count)``: nobody else would take them."""
    return 0 if isinstance(map_of(run, r1), ArenaMap) else -EINVAL


@kfunc("bpf_arena_free_pages")
def arena_free(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_arena_free_pages(map, address, count)``."""
    found = map_of(run, r1)
    if isinstance(found, ArenaMap):
        found.free(r2, u32(r3))
    return 0


# --- strings -----------------------------------------------------------------------------------


def _text(run: Run, addr: int, limit: int = 1 << 12) -> bytes:
    return run.memory.read_string(addr, limit)


@kfunc("bpf_strlen")
def strlen(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strlen(s)``."""
    return len(_text(run, r1))


@kfunc("bpf_strnlen")
def strnlen(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strnlen(s, count)``."""
    return len(_text(run, r1, r2)) if r2 else 0


@kfunc("bpf_strcmp")
def strcmp(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strcmp(a, b)``."""
    a, b = _text(run, r1), _text(run, r2)
    return (a > b) - (a < b)


@kfunc("bpf_strcasecmp")
def strcasecmp(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strcasecmp(a, b)``."""
    a, b = _text(run, r1).lower(), _text(run, r2).lower()
    return (a > b) - (a < b)


def _found(index: int) -> int:
    return index if index >= 0 else -ENOENT


@kfunc("bpf_strchr")
def strchr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strchr(s, c)``: the place, or -ENOENT."""
    return _found((_text(run, r1) + b"\0").find(bytes([r2 & 0xFF])))


@kfunc("bpf_strnchr")
def strnchr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strnchr(s, count, c)``."""
    text = _text(run, r1, r2) if r2 else b""
    return _found((text + b"\0")[:r2].find(bytes([r3 & 0xFF])))


@kfunc("bpf_strchrnul")
def strchrnul(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strchrnul(s, c)``."""
    text = _text(run, r1)
    at = text.find(bytes([r2 & 0xFF]))
    return at if at >= 0 else len(text)


@kfunc("bpf_strrchr")
def strrchr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strrchr(s, c)``."""
    return _found((_text(run, r1) + b"\0").rfind(bytes([r2 & 0xFF])))


@kfunc("bpf_strstr")
def strstr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strstr(s1, s2)``."""
    return _found(_text(run, r1).find(_text(run, r2)))


@kfunc("bpf_strnstr")
def strnstr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strnstr(s1, s2, length)``."""
    text = _text(run, r1, r3) if r3 else b""
    return _found(text.find(_text(run, r2)))


@kfunc("bpf_strspn")
def strspn(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strspn(s, accept)``."""
    text, accept = _text(run, r1), _text(run, r2)
    return len(text) - len(text.lstrip(accept)) if accept else 0


@kfunc("bpf_strcspn")
def strcspn(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_strcspn(s, reject)``."""
    text, reject = _text(run, r1), _text(run, r2)
    return next((i for i, byte in enumerate(text) if byte in reject), len(text))
