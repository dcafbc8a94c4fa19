"""Dynptrs: 16 bytes that stand for a checked piece of memory.

Laid out as the kernel has it: address (8 bytes), size and kind (4), offset (4). A packet dynptr
holds the context's address. Source: kernel/bpf/helpers.c (struct bpf_dynptr_kern).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errnos import E2BIG, EFAULT, EINVAL
from .output import finish, reserve, ring_of
from .packets import packet_of
from .probe import probe_bytes, probe_text
from .register import helper, kfunc, u32

if TYPE_CHECKING:
    from ..run import Run

LOCAL, RINGBUF, SKB, XDP = 1, 2, 3, 4
_SIZE_MASK = 0xFFFFFF
_TYPE_SHIFT = 28
_READ_ONLY = 1 << 31


class Dynptr:
    """A dynptr as read from memory; ``addr`` 0 means null."""

    __slots__ = ("addr", "kind", "offset", "place", "readonly", "size")

    def __init__(
        self, place: int, addr: int, kind: int, size: int, offset: int = 0, readonly: bool = False
    ) -> None:
        self.place = place
        self.addr = addr
        self.kind = kind
        self.size = size
        self.offset = offset
        self.readonly = readonly

    def save(self, run: Run) -> None:
        """Write it back to its place."""
        order = run.world.byteorder
        word = self.size | self.kind << _TYPE_SHIFT | (_READ_ONLY if self.readonly else 0)
        run.memory.write(
            self.place,
            self.addr.to_bytes(8, order) + word.to_bytes(4, order) + self.offset.to_bytes(4, order),
        )

    def check(self, offset: int, length: int) -> int:
        """Return 0 when ``length`` bytes at ``offset`` are inside, else -E2BIG."""
        if length > self.size or offset > self.size - length:
            return -E2BIG
        return 0

    def read(self, run: Run, offset: int, length: int) -> bytes | None:
        """Return bytes, None when they are not there."""
        at = self.offset + offset
        if self.kind in (SKB, XDP):
            return packet_of(run).read(at, length)
        return run.memory.read(self.addr + at, length)

    def write(self, run: Run, offset: int, data: bytes) -> bool:
        """Write bytes; False when they do not fit."""
        at = self.offset + offset
        if self.kind in (SKB, XDP):
            return packet_of(run).write(at, data)
        run.memory.write(self.addr + at, data)
        return True


def load(run: Run, place: int) -> Dynptr:
    """Read the dynptr at ``place``."""
    order = run.world.byteorder
    raw = run.memory.read(place, 16)
    word = int.from_bytes(raw[8:12], order)
    return Dynptr(
        place,
        int.from_bytes(raw[:8], order),
        word >> _TYPE_SHIFT & 7,
        word & _SIZE_MASK,
        int.from_bytes(raw[12:], order),
        bool(word & _READ_ONLY),
    )


def _clear(run: Run, place: int) -> None:
    run.memory.write(place, bytes(16))


def local_dynptr(run: Run, data: bytearray) -> int:
    """Return the address of a read-only dynptr over ``data``."""
    addr = run.add_scratch(data, "a record of a user ring buffer", writable=False)
    place = run.add_scratch(bytearray(16), "a dynptr")
    Dynptr(place, addr, LOCAL, len(data), readonly=True).save(run)
    return place


@helper("dynptr_from_mem")
def from_mem(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_dynptr_from_mem(data, size, flags, dynptr)``."""
    size = u32(r2)
    if size > _SIZE_MASK or r3:
        _clear(run, r4)
        return -E2BIG if size > _SIZE_MASK else -EINVAL
    run.memory.read(r1, size)
    Dynptr(r4, r1, LOCAL, size).save(run)
    return 0


@helper("dynptr_read")
def dynptr_read(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_dynptr_read(destination, length, dynptr, offset, flags)``."""
    pointer = load(run, r3)
    if not pointer.addr or r5:
        return -EINVAL
    error = pointer.check(u32(r4), u32(r2))
    if error:
        return error
    data = pointer.read(run, u32(r4), u32(r2))
    if data is None:
        return -EINVAL
    run.memory.write(r1, data)
    return 0


@helper("dynptr_write")
def dynptr_write(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_dynptr_write(dynptr, offset, source, length, flags)``."""
    pointer = load(run, r1)
    if not pointer.addr or pointer.readonly or (r5 and pointer.kind != SKB):
        return -EINVAL
    error = pointer.check(u32(r2), u32(r4))
    if error:
        return error
    return 0 if pointer.write(run, u32(r2), run.memory.read(r3, u32(r4))) else -EINVAL


@helper("dynptr_data")
def dynptr_data(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_dynptr_data(dynptr, offset, length)``."""
    pointer = load(run, r1)
    if not pointer.addr or pointer.readonly or pointer.kind in (SKB, XDP):
        return 0
    if pointer.check(u32(r2), u32(r3)):
        return 0
    return pointer.addr + pointer.offset + u32(r2)


@helper("ringbuf_reserve_dynptr")
def ringbuf_reserve_dynptr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_ringbuf_reserve_dynptr(map, size, flags, dynptr)``."""
    ring = ring_of(run, r1)
    if r3:
        _clear(run, r4)
        return -EINVAL
    if u32(r2) > _SIZE_MASK:
        _clear(run, r4)
        return -E2BIG
    addr = reserve(run, ring, u32(r2))
    if not addr:
        _clear(run, r4)
        return -EINVAL
    Dynptr(r4, addr, RINGBUF, u32(r2)).save(run)
    return 0


def _finish(run: Run, place: int, *, discard: bool) -> int:
    pointer = load(run, place)
    if pointer.addr:
        finish(run, pointer.addr, discard=discard)
        _clear(run, place)
    return 0


@helper("ringbuf_submit_dynptr")
def ringbuf_submit_dynptr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_ringbuf_submit_dynptr(dynptr, flags)``."""
    return _finish(run, r1, discard=False)


@helper("ringbuf_discard_dynptr")
def ringbuf_discard_dynptr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_ringbuf_discard_dynptr(dynptr, flags)``."""
    return _finish(run, r1, discard=True)


@kfunc("bpf_dynptr_from_skb", "bpf_dynptr_from_xdp")
def from_packet(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_dynptr_from_skb(skb, flags, dynptr)``."""
    if r2:
        _clear(run, r3)
        return -EINVAL
    packet = packet_of(run)
    kind = XDP if packet.kind == "xdp" else SKB
    Dynptr(r3, r1, kind, len(packet)).save(run)
    return 0


@kfunc("bpf_dynptr_slice", "bpf_dynptr_slice_rdwr")
def dynptr_slice(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void *bpf_dynptr_slice(dynptr, offset, buffer, length)``."""
    pointer = load(run, r1)
    length = u32(r4)
    if not pointer.addr or pointer.check(u32(r2), length):
        return 0
    at = pointer.offset + u32(r2)
    if pointer.kind not in (SKB, XDP):
        return pointer.addr + at
    packet = packet_of(run)
    if packet.start + at + length <= packet.linear:
        return packet.region.base + packet.start + at
    data = packet.read(at, length)
    if data is None or not r3:
        return 0
    run.memory.write(r3, data)
    return r3


@kfunc("bpf_dynptr_adjust")
def dynptr_adjust(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_dynptr_adjust(dynptr, start, end)``."""
    pointer = load(run, r1)
    start, end = u32(r2), u32(r3)
    if not pointer.addr or start > end:
        return -EINVAL
    if start > pointer.size or end > pointer.size:
        return -34
    pointer.offset += start
    pointer.size = end - start
    pointer.save(run)
    return 0


@kfunc("bpf_dynptr_is_null")
def is_null(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_dynptr_is_null(dynptr)``."""
    return int(not load(run, r1).addr)


@kfunc("bpf_dynptr_is_rdonly")
def is_readonly(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_dynptr_is_rdonly(dynptr)``."""
    pointer = load(run, r1)
    return int(bool(pointer.addr) and pointer.readonly)


@kfunc("bpf_dynptr_size")
def dynptr_size(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_dynptr_size(dynptr)``."""
    pointer = load(run, r1)
    return pointer.size if pointer.addr else -EINVAL


@kfunc("bpf_dynptr_clone")
def dynptr_clone(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_dynptr_clone(dynptr, clone)``."""
    pointer = load(run, r1)
    if not pointer.addr:
        _clear(run, r2)
        return -EINVAL
    pointer.place = r2
    pointer.save(run)
    return 0


@kfunc("bpf_dynptr_copy")
def dynptr_copy(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_dynptr_copy(destination, offset, source, offset, length)``."""
    to, source = load(run, r1), load(run, r3)
    if not to.addr or not source.addr or to.readonly:
        return -EINVAL
    error = to.check(u32(r2), u32(r5)) or source.check(u32(r4), u32(r5))
    if error:
        return error
    data = source.read(run, u32(r4), u32(r5))
    return 0 if data is not None and to.write(run, u32(r2), data) else -EINVAL


@kfunc("bpf_dynptr_memset")
def dynptr_memset(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_dynptr_memset(dynptr, offset, size, value)``."""
    pointer = load(run, r1)
    if not pointer.addr or pointer.readonly:
        return -EINVAL
    error = pointer.check(u32(r2), u32(r3))
    if error:
        return error
    return 0 if pointer.write(run, u32(r2), bytes([r4 & 0xFF]) * u32(r3)) else -EINVAL


@kfunc("bpf_dynptr_from_skb_meta")
def from_meta(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_dynptr_from_skb_meta(skb, flags, dynptr)``."""
    if r2:
        _clear(run, r3)
        return -EINVAL
    packet = packet_of(run)
    Dynptr(r3, packet.region.base + packet.meta, LOCAL, packet.start - packet.meta).save(run)
    return 0


@kfunc(
    "bpf_probe_read_user_dynptr",
    "bpf_probe_read_kernel_dynptr",
    "bpf_copy_from_user_dynptr",
    "bpf_copy_from_user_task_dynptr",
)
def probe_dynptr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_probe_read_user_dynptr(dynptr, offset, size, address)``."""
    return _probe(run, r1, r2, r3, probe_bytes(run, r4, min(r3, _SIZE_MASK)))


@kfunc(
    "bpf_probe_read_user_str_dynptr",
    "bpf_probe_read_kernel_str_dynptr",
    "bpf_copy_from_user_str_dynptr",
    "bpf_copy_from_user_task_str_dynptr",
)
def probe_str_dynptr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_probe_read_user_str_dynptr(dynptr, offset, size, address)``: the length."""
    text = probe_text(run, r4, min(r3, _SIZE_MASK))
    error = _probe(run, r1, r2, r3, text)
    return error or len(text or b"")


def _probe(run: Run, place: int, offset: int, size: int, data: bytes | None) -> int:
    pointer = load(run, place)
    if not pointer.addr or pointer.readonly:
        return -EINVAL
    error = pointer.check(offset, size)
    if error:
        return error
    if data is None:
        pointer.write(run, offset, bytes(size))
        return -EFAULT
    return 0 if pointer.write(run, offset, data) else -E2BIG
