"""Reading a BPF ring buffer (BPF_MAP_TYPE_RINGBUF) and writing a user ring buffer.

A ring is mapped as: consumer position (one page, ours to write), producer position (one page), data
(twice in a row, so that a record that wraps reads as one piece).

    record: | length, bit 31 busy, bit 30 discarded (4) | page offset (4) | data, padded to 8 |

Source: kernel kernel/bpf/ringbuf.c and Documentation/bpf/ringbuf.rst.
"""

from __future__ import annotations

import mmap
import select
import struct

from .maps import Map
from .syscall import KernelError

_BUSY, _DISCARDED, _LENGTH = 1 << 31, 1 << 30, (1 << 30) - 1


class RingBuffer:
    """The consumer's end of a ring buffer; a context manager."""

    def __init__(self, source: Map) -> None:
        self._size = source.max_entries
        page = mmap.PAGESIZE
        try:
            self._consumer = mmap.mmap(source.fd, page, mmap.MAP_SHARED)
            self._producer = mmap.mmap(
                source.fd, page + 2 * self._size, mmap.MAP_SHARED, mmap.PROT_READ, offset=page
            )
        except OSError as error:
            raise KernelError(
                f"cannot map ring buffer {source.name!r}: {error.strerror}", error.errno or 0
            ) from None
        self._poll = select.epoll()
        self._poll.register(source.fd, select.EPOLLIN)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to ``timeout`` seconds for a record; True when there is one."""
        return bool(self._poll.poll(timeout))

    def read(self) -> list[bytes]:
        """Return the records that are complete, in order, and free their room."""
        records: list[bytes] = []
        ring = self._producer
        at: int = struct.unpack_from("=Q", self._consumer)[0]
        end: int = struct.unpack_from("=Q", ring)[0]
        while at < end:
            start = mmap.PAGESIZE + (at & self._size - 1)
            length: int = struct.unpack_from("=I", ring, start)[0]
            if length & _BUSY:
                break  # reserved but not yet submitted: later ones wait for it
            size = length & _LENGTH
            if not length & _DISCARDED:
                records.append(ring[start + 8 : start + 8 + size])
            at += (size + 8 + 7) // 8 * 8
            struct.pack_into("=Q", self._consumer, 0, at)
        return records

    def close(self) -> None:
        """Unmap the ring."""
        self._poll.close()
        self._consumer.close()
        self._producer.close()

    def __enter__(self) -> RingBuffer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class UserRingBuffer:
    """The producer's end of a user ring buffer (BPF_MAP_TYPE_USER_RINGBUF); a context manager."""

    def __init__(self, target: Map) -> None:
        self._size = target.max_entries
        page = mmap.PAGESIZE
        try:
            self._consumer = mmap.mmap(target.fd, page, mmap.MAP_SHARED, mmap.PROT_READ)
            self._producer = mmap.mmap(
                target.fd, page + 2 * self._size, mmap.MAP_SHARED, offset=page
            )
        except OSError as error:
            raise KernelError(
                f"cannot map user ring buffer {target.name!r}: {error.strerror}", error.errno or 0
            ) from None

    def write(self, data: bytes) -> bool:
        """Submit one record; False when there is no room for it now."""
        if len(data) > _LENGTH:
            raise KernelError(f"a record of {len(data)} bytes is too large for a ring buffer")
        consumed: int = struct.unpack_from("=Q", self._consumer)[0]
        at: int = struct.unpack_from("=Q", self._producer)[0]
        room = (len(data) + 8 + 7) // 8 * 8
        if room > self._size - (at - consumed):
            return False
        start = mmap.PAGESIZE + (at & self._size - 1)
        self._producer[start + 8 : start + 8 + len(data)] = data
        struct.pack_into("=II", self._producer, start, len(data), 0)
        struct.pack_into("=Q", self._producer, 0, at + room)
        return True

    def close(self) -> None:
        """Unmap the ring."""
        self._consumer.close()
        self._producer.close()

    def __enter__(self) -> UserRingBuffer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
