"""Iterators over tasks, cgroups, memory areas and bits.

The state of a walk is kept outside of the program's ``struct bpf_iter_*``, by its address.
Source: kernel/bpf/task_iter.c, cgroup_iter.c, helpers.c.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errnos import E2BIG, EFAULT, EINVAL
from .probe import probe_bytes
from .register import kfunc, u32

if TYPE_CHECKING:
    from ..run import Run

_MOST_WORDS = 511
_BIT = 8  # offset of the current bit's number in struct bpf_iter_bits


def _begin(run: Run, place: int, items: Iterable[int]) -> int:
    run.world.iterators[place] = iter(list(items))
    run.memory.write(place, bytes(8))
    return 0


@kfunc("bpf_iter_task_new", "bpf_iter_css_task_new")
def task_new(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_iter_task_new(iterator, task, flags)``: over ``World.tasks``, by pid."""
    tasks = dict(run.world.tasks)
    if run.world.task.address:
        tasks.setdefault(run.world.task.pid, run.world.task.address)
    return _begin(run, r1, (tasks[pid] for pid in sorted(tasks)))


@kfunc("bpf_iter_css_new")
def css_new(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_iter_css_new(iterator, start, flags)``: over ``World.cgroups``, as described."""
    if u32(r3) not in (1, 2, 3, 4):
        return -EINVAL
    return _begin(run, r1, run.world.cgroups.values())


@kfunc("bpf_iter_task_vma_new")
def vma_new(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_iter_task_vma_new(iterator, task, address)``: ``World.vmas`` from there on."""
    return _begin(run, r1, (vma for _, end, vma in sorted(run.world.vmas) if end > r3))


@kfunc("bpf_iter_kmem_cache_new", "bpf_iter_dmabuf_new")
def empty_new(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """Iterators over what the machine has none of."""
    return _begin(run, r1, ())


@kfunc(
    "bpf_iter_task_next",
    "bpf_iter_css_task_next",
    "bpf_iter_css_next",
    "bpf_iter_task_vma_next",
    "bpf_iter_kmem_cache_next",
    "bpf_iter_dmabuf_next",
)
def object_next(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """The next object's address, NULL at the end."""
    return next(run.world.iterators.get(r1, iter(())), 0)


@kfunc(
    "bpf_iter_task_destroy",
    "bpf_iter_css_task_destroy",
    "bpf_iter_css_destroy",
    "bpf_iter_task_vma_destroy",
    "bpf_iter_kmem_cache_destroy",
    "bpf_iter_dmabuf_destroy",
    "bpf_iter_bits_destroy",
)
def destroy(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """The end of a walk."""
    run.world.iterators.pop(r1, None)
    return 0


@kfunc("bpf_iter_bits_new")
def bits_new(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_iter_bits_new(iterator, words, count)``: over the bits that are set."""
    run.world.iterators.pop(r1, None)
    run.memory.write(r1, bytes(16))
    count = u32(r3)
    if not r2 or not count:
        return -EINVAL
    if count > _MOST_WORDS:
        return -E2BIG
    data = probe_bytes(run, r2, count * 8)
    if data is None:
        return -EFAULT
    order = run.world.byteorder
    words = [int.from_bytes(data[at : at + 8], order) for at in range(0, len(data), 8)]
    return _begin(
        run,
        r1,
        (k * 64 + bit for k, word in enumerate(words) for bit in range(64) if word >> bit & 1),
    )


@kfunc("bpf_iter_bits_next")
def bits_next(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int *bpf_iter_bits_next(iterator)``: where the number of the next bit stands."""
    bit = next(run.world.iterators.get(r1, iter(())), None)
    if bit is None:
        return 0
    run.memory.write(r1 + _BIT, bit.to_bytes(4, run.world.byteorder))
    return r1 + _BIT
