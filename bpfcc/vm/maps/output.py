"""Maps that carry data out of (and into) programs: ring buffers, perf buffers, stack traces.

Source: kernel/bpf/ringbuf.c, stackmap.c, kernel/trace/bpf_trace.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errnos import EAGAIN, EEXIST, ENOENT
from .base import Map, round_up

if TYPE_CHECKING:
    from ...objfile.maps import MapDef
    from ..run import Run
    from ..world import World

RINGBUF_HEADER = 8
_BUSY, _DONE, _DISCARDED = range(3)


class Record:
    """What a program sent: ``data`` from ``source`` (map name) on ``cpu`` at ``time`` (ns)."""

    __slots__ = ("cpu", "data", "source", "time")

    def __init__(self, source: str, data: bytes, cpu: int, time: int) -> None:
        self.source = source
        self.data = data
        self.cpu = cpu
        self.time = time

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and (self.source, self.data, self.cpu) == (
            other.source,
            other.data,
            other.cpu,
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Record({self.source!r}, {self.data!r}, cpu={self.cpu})"


class _Sample:
    __slots__ = ("data", "size", "state")

    def __init__(self, size: int) -> None:
        self.size = size
        self.data = bytearray(size)
        self.state = _BUSY


class RingbufMap(Map):
    """BPF_MAP_TYPE_RINGBUF: ``max_entries`` bytes, records in the order of reservation.

    ``reader`` True (the default) means that somebody outside reads along, so that room is freed
    when a record is committed; False lets the ring fill up until ``drain``.
    """

    def __init__(self, spec: MapDef, world: World, number: int) -> None:
        super().__init__(spec, world, number)
        self.reader = True
        self.producer = 0
        self.consumer = 0
        self.samples: list[_Sample] = []  # between consumer and producer
        self.records: list[bytes] = []
        self.dropped = 0

    def reserve(self, size: int) -> _Sample | None:
        """Take room for a record; None when there is none."""
        length = round_up(size + RINGBUF_HEADER, 8)
        if length > self.max_entries or size >= 1 << 30:
            self.dropped += 1
            return None
        if self.producer + length - self.consumer > self.max_entries - 1:
            self.dropped += 1
            return None
        sample = _Sample(size)
        self.samples.append(sample)
        self.producer += length
        return sample

    def commit(self, sample: _Sample, *, discard: bool = False) -> None:
        """Finish a record; records leave in order of reservation."""
        sample.state = _DISCARDED if discard else _DONE
        if self.reader:
            self.drain()

    def drain(self) -> list[bytes]:
        """Read what is committed, up to the first record still being written."""
        fresh = []
        while self.samples and self.samples[0].state != _BUSY:
            sample = self.samples.pop(0)
            self.consumer += round_up(sample.size + RINGBUF_HEADER, 8)
            if sample.state == _DONE:
                data = bytes(sample.data)
                fresh.append(data)
                self.world.emit(self.name, data)
        self.records += fresh
        return fresh

    def query(self, what: int) -> int:
        """Answer bpf_ringbuf_query: available data, size, consumer and producer position."""
        if what == 0:
            return self.producer - self.consumer
        if what == 1:
            return self.max_entries
        if what == 2:
            return self.consumer
        return self.producer if what == 3 else 0

    def items(self) -> list[tuple[Any, Any]]:
        """Return (place, record) of what was read so far."""
        return [(i, self.value_value(data)) for i, data in enumerate(self.records)]

    def __len__(self) -> int:
        return len(self.records)

    def clear(self) -> None:
        """Forget the records read so far."""
        self.records.clear()


class UserRingbufMap(Map):
    """BPF_MAP_TYPE_USER_RINGBUF: records from outside (``feed``) for a program to drain."""

    def __init__(self, spec: MapDef, world: World, number: int) -> None:
        super().__init__(spec, world, number)
        self.waiting: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Put a record into the ring."""
        self.waiting.append(data)

    def __len__(self) -> int:
        return len(self.waiting)


class PerfMap(Map):
    """BPF_MAP_TYPE_PERF_EVENT_ARRAY: a buffer per CPU is open; counters may be set from outside.

    ``counters``: CPU -> (value, enabled time, running time) for bpf_perf_event_read_value.
    """

    def __init__(self, spec: MapDef, world: World, number: int) -> None:
        super().__init__(spec, world, number)
        if not self.max_entries:
            self.max_entries = world.cpus
        self.records: list[Record] = []
        self.counters: dict[int, tuple[int, int, int]] = {}

    def output(self, data: bytes, cpu: int) -> int:
        """Take a record."""
        if cpu >= self.world.cpus:
            return -ENOENT
        self.records.append(Record(self.name, data, cpu, self.world.now()))
        self.world.emit(self.name, data, cpu)
        return 0

    def items(self) -> list[tuple[Any, Any]]:
        """Return (place, bytes) of the records."""
        return [(i, record.data) for i, record in enumerate(self.records)]

    def __len__(self) -> int:
        return len(self.records)

    def clear(self) -> None:
        """As in ``Map``."""
        self.records.clear()


class StackTraceMap(Map):
    """BPF_MAP_TYPE_STACK_TRACE: traces under an id that is computed from the addresses."""

    def __init__(self, spec: MapDef, world: World, number: int) -> None:
        super().__init__(spec, world, number)
        self.buckets = 1 << max(self.max_entries - 1, 0).bit_length()
        self.traces: dict[int, bytes] = {}

    def store(self, addresses: list[int], *, fast: bool, reuse: bool) -> int:
        """Keep a trace; return its id or a negative error number."""
        depth = self.value_size // 8
        data = b"".join(addr.to_bytes(8, self.world.byteorder) for addr in addresses[:depth])
        number = 0xCBF29CE484222325
        for byte in data:  # FNV-1a: any fixed hash will do
            number = (number ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
        number = (number ^ number >> 32) % self.buckets
        held = self.traces.get(number)
        if held is not None:
            if held == data or fast:
                return number
            if not reuse:
                return -EEXIST
        elif len(self.traces) >= self.max_entries:
            return -EAGAIN
        self.traces[number] = data
        return number

    def _number(self, key: bytes) -> int:
        return int.from_bytes(key[:4], self.world.byteorder)

    def lookup(self, run: Run, key: bytes) -> int:
        """Programs cannot look traces up."""
        return 0

    def delete(self, key: bytes) -> int:
        """As in ``Map``."""
        return 0 if self.traces.pop(self._number(key), None) is not None else -ENOENT

    def keys_raw(self) -> list[bytes]:
        """As in ``Map``."""
        return [number.to_bytes(4, self.world.byteorder) for number in self.traces]

    def read(self, key: bytes) -> bytes | None:
        """Return the addresses, filled up with zeros to the value size."""
        data = self.traces.get(self._number(key))
        return None if data is None else data.ljust(self.value_size, b"\0")
