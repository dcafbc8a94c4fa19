"""Sets of CPUs: the ``bpf_cpumask_*`` kernel functions.

A mask is 1024 bytes, as kernels with 8192 CPUs have it; only the bits of the world's CPUs count.
Source: kernel/bpf/cpumask.c, include/linux/cpumask.h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errnos import EACCES, EINVAL
from ..faults import BadArgument, MemoryFault
from .register import kfunc, u32

if TYPE_CHECKING:
    from ..run import Run

SIZE = 1024  # bytes of a struct cpumask


def _read(run: Run, place: int) -> int:
    """Return the mask as a number; a mask described shorter than ``SIZE`` counts as far as it goes."""
    width = -(-run.world.cpus // 64) * 8
    return int.from_bytes(run.memory.read(place, width), run.world.byteorder) & _all(run)


def _write(run: Run, place: int, mask: int) -> None:
    width = -(-run.world.cpus // 64) * 8
    data = (mask & _all(run)).to_bytes(width, run.world.byteorder)
    try:
        run.memory.fill(place, SIZE, data)
    except MemoryFault:
        run.memory.write(place, data)


def _all(run: Run) -> int:
    return (1 << run.world.cpus) - 1


def _first(run: Run, mask: int) -> int:
    return (mask & -mask).bit_length() - 1 if mask else run.world.cpus


@kfunc("bpf_cpumask_create")
def create(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_cpumask *bpf_cpumask_create()``."""
    addr = run.world.new_object(bytearray(SIZE + 8), "a CPU mask", writable=True)
    run.references[addr] = "a CPU mask"
    return addr


@kfunc("bpf_cpumask_acquire")
def acquire(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_cpumask *bpf_cpumask_acquire(mask)``."""
    return r1


@kfunc("bpf_cpumask_release")
def release(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_cpumask_release(mask)``."""
    if not r1:
        raise BadArgument("bpf_cpumask_release of NULL")
    run.references.pop(r1, None)
    return 0


@kfunc("bpf_cpumask_first", "bpf_cpumask_any_distribute")
def first(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_cpumask_first(mask)``: the number of CPUs when it is empty."""
    return _first(run, _read(run, r1))


@kfunc("bpf_cpumask_first_zero")
def first_zero(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_cpumask_first_zero(mask)``."""
    return _first(run, ~_read(run, r1) & _all(run))


@kfunc("bpf_cpumask_first_and", "bpf_cpumask_any_and_distribute")
def first_and(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_cpumask_first_and(mask, mask)``."""
    return _first(run, _read(run, r1) & _read(run, r2))


def _change(run: Run, cpu: int, place: int, value: bool) -> int:
    """Set one bit; return what it was. CPUs that are not there have none."""
    if u32(cpu) >= run.world.cpus:
        return 0
    mask = _read(run, place)
    bit = 1 << u32(cpu)
    _write(run, place, mask | bit if value else mask & ~bit)
    return int(bool(mask & bit))


@kfunc("bpf_cpumask_set_cpu")
def set_cpu(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_cpumask_set_cpu(cpu, mask)``."""
    _change(run, r1, r2, True)
    return 0


@kfunc("bpf_cpumask_clear_cpu")
def clear_cpu(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_cpumask_clear_cpu(cpu, mask)``."""
    _change(run, r1, r2, False)
    return 0


@kfunc("bpf_cpumask_test_cpu")
def test_cpu(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_cpumask_test_cpu(cpu, mask)``."""
    return _read(run, r2) >> u32(r1) & 1 if u32(r1) < run.world.cpus else 0


@kfunc("bpf_cpumask_test_and_set_cpu")
def test_and_set(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_cpumask_test_and_set_cpu(cpu, mask)``."""
    return _change(run, r1, r2, True)


@kfunc("bpf_cpumask_test_and_clear_cpu")
def test_and_clear(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_cpumask_test_and_clear_cpu(cpu, mask)``."""
    return _change(run, r1, r2, False)


@kfunc("bpf_cpumask_setall")
def set_all(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_cpumask_setall(mask)``."""
    _write(run, r1, _all(run))
    return 0


@kfunc("bpf_cpumask_clear")
def clear(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_cpumask_clear(mask)``."""
    _write(run, r1, 0)
    return 0


@kfunc("bpf_cpumask_and")
def mask_and(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_cpumask_and(to, mask, mask)``: whether any bit is set."""
    result = _read(run, r2) & _read(run, r3)
    _write(run, r1, result)
    return int(bool(result))


@kfunc("bpf_cpumask_or")
def mask_or(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_cpumask_or(to, mask, mask)``."""
    _write(run, r1, _read(run, r2) | _read(run, r3))
    return 0


@kfunc("bpf_cpumask_xor")
def mask_xor(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_cpumask_xor(to, mask, mask)``."""
    _write(run, r1, _read(run, r2) ^ _read(run, r3))
    return 0


@kfunc("bpf_cpumask_equal")
def equal(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_cpumask_equal(mask, mask)``."""
    return int(_read(run, r1) == _read(run, r2))


@kfunc("bpf_cpumask_intersects")
def intersects(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_cpumask_intersects(mask, mask)``."""
    return int(bool(_read(run, r1) & _read(run, r2)))


@kfunc("bpf_cpumask_subset")
def subset(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_cpumask_subset(mask, in)``."""
    return int(not _read(run, r1) & ~_read(run, r2))


@kfunc("bpf_cpumask_empty")
def empty(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_cpumask_empty(mask)``."""
    return int(not _read(run, r1))


@kfunc("bpf_cpumask_full")
def full(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_cpumask_full(mask)``."""
    return int(_read(run, r1) == _all(run))


@kfunc("bpf_cpumask_copy")
def copy(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_cpumask_copy(to, mask)``."""
    _write(run, r1, _read(run, r2))
    return 0


@kfunc("bpf_cpumask_weight")
def weight(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_cpumask_weight(mask)``."""
    return bin(_read(run, r1)).count("1")


@kfunc("bpf_cpumask_populate")
def populate(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_cpumask_populate(mask, source, size)``."""
    width = -(-run.world.cpus // 8)
    if u32(r3) < width:
        return -EACCES
    if r2 % 8 and u32(r3) >= 8:
        return -EINVAL
    _write(run, r1, int.from_bytes(run.memory.read(r2, u32(r3)), run.world.byteorder))
    return 0
