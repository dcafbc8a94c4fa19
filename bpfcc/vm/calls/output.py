"""Data to user space: perf buffers, ring buffers, and user ring buffers the other way.

Source: kernel/trace/bpf_trace.c, kernel/bpf/ringbuf.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errnos import E2BIG, EAGAIN, EINVAL
from ..faults import BadArgument
from ..maps.output import PerfMap, RingbufMap, UserRingbufMap
from ..memory import Region
from .maps import map_of
from .register import helper, s64, u32

if TYPE_CHECKING:
    from ..run import Run

_CURRENT_CPU = 0xFFFFFFFF


def _perf_map(run: Run, handle: int) -> PerfMap:
    found = map_of(run, handle)
    if not isinstance(found, PerfMap):
        raise BadArgument(f"map {found.name} is no perf event array")
    return found


@helper("perf_event_output", "skb_output", "xdp_output")
def perf_output(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_perf_event_output(ctx, map, flags, data, size)``.

    Bits 32..51 of the flags ask for that much of the packet behind the data.
    """
    found = _perf_map(run, r2)
    extra = r3 >> 32 & 0xFFFFF
    if r3 >> 52 or (extra and run.packet is None):
        return -EINVAL
    index = run.world.cpu if u32(r3) == _CURRENT_CPU else u32(r3)
    if index >= found.max_entries:
        return -E2BIG
    data = run.memory.read(r4, u32(r5))
    if extra and run.packet is not None:
        tail = run.packet.read(0, extra)
        if tail is None:
            return -14
        data += tail
    return found.output(data, index)


@helper("perf_event_read")
def perf_read(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_perf_event_read(map, flags)``."""
    _perf_map(run, r1)
    cpu = run.world.cpu if u32(r2) == _CURRENT_CPU else u32(r2)
    values = run.world.read_counter(r1, cpu)
    return values if isinstance(values, int) else values[0]


@helper("perf_event_read_value")
def perf_read_value(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_perf_event_read_value(map, flags, buffer, size)``."""
    _perf_map(run, r1)
    if u32(r4) != 24:
        run.memory.fill(r3, u32(r4))
        return -EINVAL
    cpu = run.world.cpu if u32(r2) == _CURRENT_CPU else u32(r2)
    values = run.world.read_counter(r1, cpu)
    if isinstance(values, int):
        run.memory.write(r3, bytes(24))
        return values
    order = run.world.byteorder
    run.memory.write(r3, b"".join(value.to_bytes(8, order) for value in values))
    return 0


def ring_of(run: Run, handle: int) -> RingbufMap:
    """Return the ring buffer that a program passes. Raises: BadArgument."""
    found = map_of(run, handle)
    if not isinstance(found, RingbufMap):
        raise BadArgument(f"map {found.name} is no ring buffer")
    return found


@helper("ringbuf_output")
def ringbuf_output(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_ringbuf_output(map, data, size, flags)``."""
    ring = ring_of(run, r1)
    if r4 & ~3:
        return -EINVAL
    data = run.memory.read(r2, s64(r3) if s64(r3) > 0 else 0)
    sample = ring.reserve(len(data))
    if sample is None:
        return -EAGAIN
    sample.data[:] = data
    ring.commit(sample)
    return 0


class _Reserved:
    """A record being written: the ring, the sample, its region."""

    def __init__(self, ring: RingbufMap, sample: Any, region: Region) -> None:
        self.ring = ring
        self.sample = sample
        self.region = region

    def __str__(self) -> str:
        return f"a record of ring buffer {self.ring.name}"


def reserve(run: Run, ring: RingbufMap, size: int) -> int:
    """Reserve a record; return its address, 0 when there is no room."""
    sample = ring.reserve(size)
    if sample is None:
        return 0
    addr = run.add_scratch(sample.data, f"a record of ring buffer {ring.name}")
    run.references[addr] = _Reserved(ring, sample, run.scratch[-1])
    return addr


def finish(run: Run, addr: int, *, discard: bool) -> None:
    """Submit or discard the record at ``addr``. Raises: BadArgument."""
    record = run.references.pop(addr, None)
    if not isinstance(record, _Reserved):
        raise BadArgument(f"{addr:#x} is no reserved ring buffer record")
    run.memory.remove(record.region)
    record.ring.commit(record.sample, discard=discard)


@helper("ringbuf_reserve")
def ringbuf_reserve(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_ringbuf_reserve(map, size, flags)``."""
    ring = ring_of(run, r1)
    return 0 if r3 else reserve(run, ring, r2)


@helper("ringbuf_submit")
def ringbuf_submit(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_ringbuf_submit(record, flags)``."""
    finish(run, r1, discard=False)
    return 0


@helper("ringbuf_discard")
def ringbuf_discard(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_ringbuf_discard(record, flags)``."""
    finish(run, r1, discard=True)
    return 0


@helper("ringbuf_query")
def ringbuf_query(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_ringbuf_query(map, what)``."""
    return ring_of(run, r1).query(r2)


@helper("user_ringbuf_drain")
def user_ringbuf_drain(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_user_ringbuf_drain(map, callback(dynptr, ctx), ctx, flags)``."""
    found = map_of(run, r1)
    if not isinstance(found, UserRingbufMap):
        return -EINVAL
    if r4 & ~3:
        return -EINVAL
    from .dynptr import local_dynptr

    count = 0
    while found.waiting and count < 128 * 1024:
        data = bytearray(found.waiting.pop(0))
        count += 1
        if run.call_address(r2, local_dynptr(run, data), r3):
            break
    return count
