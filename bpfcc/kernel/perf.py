"""perf_event_open(2): events to hang programs on, and the buffers of BPF_MAP_TYPE_PERF_EVENT_ARRAY.

Source: kernel include/uapi/linux/perf_event.h.
"""

from __future__ import annotations

import errno
import mmap
import os
import platform
import select
import struct
from dataclasses import dataclass

from . import syscall
from .maps import Map, byte_order
from .syscall import Descriptor, KernelError, address, buffer_of

_NUMBERS = {
    "x86_64": 298,
    "i386": 336,
    "i686": 336,
    "aarch64": 241,
    "armv7l": 364,
    "riscv64": 241,
    "loongarch64": 241,
    "ppc64": 319,
    "ppc64le": 319,
    "s390x": 331,
    "mips64": 5292,
    "sparc64": 327,
}
_ATTR_SIZE = 112  # PERF_ATTR_SIZE_VER5
TYPE_HARDWARE, TYPE_SOFTWARE, TYPE_TRACEPOINT = 0, 1, 2
SW_CPU_CLOCK, SW_BPF_OUTPUT = 0, 10
_SAMPLE_RAW = 1 << 10
_FREQ = 1 << 10  # bit of the flags word: sample_freq instead of sample_period
_FLAG_CLOEXEC = 8
_IOC_ENABLE, _IOC_DISABLE, _IOC_SET_BPF = 0x2400, 0x2401, 0x40042408
_RECORD_LOST, _RECORD_SAMPLE = 2, 9
_HEAD_AT, _TAIL_AT = 1024, 1032  # in the first page


def open_event(
    type: int,
    config: int,
    *,
    pid: int = -1,
    cpu: int = 0,
    period: int = 0,
    frequency: int = 0,
    sample_type: int = 0,
    wakeup: int = 0,
    config1: int = 0,
    config2: int = 0,
) -> int:
    """Open a perf event and return its descriptor.

    Raises: OSError, which callers turn into words that fit.
    """
    attr = struct.pack(
        "=IIQQQQQIIQQ",
        type,
        _ATTR_SIZE,
        config,
        frequency or period,
        sample_type,
        0,
        _FREQ if frequency else 0,
        wakeup,
        0,
        config1,
        config2,
    )
    number = _NUMBERS.get(platform.machine())
    if number is None:
        raise KernelError(f"the number of perf_event_open(2) on {platform.machine()} is not known")
    return syscall.call(number, attr.ljust(_ATTR_SIZE, b"\0"), pid, cpu, -1, _FLAG_CLOEXEC)


def enable(fd: int, prog_fd: int) -> None:
    """Attach a program to the event and start it (the way before BPF links)."""
    syscall.ioctl(fd, _IOC_SET_BPF, prog_fd)
    start(fd)


def start(fd: int) -> None:
    """Let an event fire."""
    syscall.ioctl(fd, _IOC_ENABLE, 0)


def source_type(name: str) -> int | None:
    """Return the type number of a dynamic event source ("kprobe", "uprobe"); None if absent."""
    try:
        with open(f"/sys/bus/event_source/devices/{name}/type", encoding="ascii") as file:
            return int(file.read())
    except OSError:
        return None


def return_bit(name: str) -> int:
    """Return the config word that makes a probe of source ``name`` fire at returns."""
    path = f"/sys/bus/event_source/devices/{name}/format/retprobe"
    try:
        with open(path, encoding="ascii") as file:
            return 1 << int(file.read().strip().rpartition(":")[2])
    except (OSError, ValueError):
        return 1


def open_probe(
    source: str, target: str | None, offset: int, *, at_return: bool, pid: int = -1
) -> int:
    """Open a kprobe (``target`` function or None with an address) or uprobe (``target`` file).

    Raises: KernelError in words.
    """
    type = source_type(source)
    if type is None:
        what = {"kprobe": "kprobes (CONFIG_KPROBE_EVENTS)", "uprobe": "uprobes"}[source]
        raise KernelError(f"this kernel has no {what}", errno.ENOENT)
    text = buffer_of(os.fsencode(target) + b"\0") if target is not None else None
    config = return_bit(source) if at_return else 0
    cpu = 0 if pid == -1 else -1
    try:
        return open_event(type, config, pid=pid, cpu=cpu, config1=address(text), config2=offset)
    except OSError as error:
        raise KernelError(
            f"cannot probe {target or hex(offset)}: {error.strerror}", error.errno or 0
        ) from None


@dataclass(frozen=True)
class Sample:
    """One record that a program wrote with bpf_perf_event_output; ``cpu`` it ran on."""

    cpu: int
    data: bytes


class PerfBuffer:
    """Reads what programs write to a perf event array: one ring per CPU.

    ``lost`` counts records that found no room. ``pages`` (a power of two) is each ring's size.
    """

    def __init__(self, target: Map, pages: int = 64) -> None:
        if pages & pages - 1:
            raise KernelError(f"{pages} pages: a ring has a power of two of them")
        self.lost = 0
        self._size = pages * mmap.PAGESIZE
        self._rings: list[tuple[int, Descriptor, mmap.mmap]] = []
        self._poll = select.epoll()
        try:
            for cpu in syscall.online_cpus():
                if cpu < target.max_entries:
                    self._open(target, cpu)
        except BaseException:
            self.close()
            raise

    def _open(self, target: Map, cpu: int) -> None:
        try:
            fd = open_event(
                TYPE_SOFTWARE, SW_BPF_OUTPUT, cpu=cpu, period=1, sample_type=_SAMPLE_RAW, wakeup=1
            )
        except OSError as error:
            raise KernelError(
                f"cannot open a perf buffer: {error.strerror}", error.errno or 0
            ) from None
        held = Descriptor(fd)
        ring = mmap.mmap(fd, self._size + mmap.PAGESIZE, mmap.MAP_SHARED)
        self._rings.append((cpu, held, ring))
        target.update(cpu.to_bytes(4, byte_order()), fd.to_bytes(4, byte_order()))
        start(fd)
        self._poll.register(fd, select.EPOLLIN)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to ``timeout`` seconds for a record; True when there is one."""
        return bool(self._poll.poll(timeout))

    def read(self) -> list[Sample]:
        """Return the records that are there, CPU by CPU, and free their room."""
        samples: list[Sample] = []
        for cpu, _, ring in self._rings:
            head, tail = struct.unpack_from("=QQ", ring, _HEAD_AT)
            while tail < head:
                header = self._bytes(ring, tail, 8)
                kind, _, size = struct.unpack("=IHH", header)
                if size < 8:
                    break  # cannot be: the kernel would have written nonsense
                record = self._bytes(ring, tail, size)
                if kind == _RECORD_SAMPLE:
                    length = struct.unpack_from("=I", record, 8)[0]
                    samples.append(Sample(cpu, record[12 : 12 + length]))
                elif kind == _RECORD_LOST:
                    self.lost += struct.unpack_from("=Q", record, 16)[0]
                tail += size
            struct.pack_into("=Q", ring, _TAIL_AT, tail)
        return samples

    def _bytes(self, ring: mmap.mmap, at: int, size: int) -> bytes:
        start = at % self._size + mmap.PAGESIZE
        end = start + size
        limit = self._size + mmap.PAGESIZE
        if end <= limit:
            return ring[start:end]
        return ring[start:limit] + ring[mmap.PAGESIZE : mmap.PAGESIZE + end - limit]

    def close(self) -> None:
        """Unmap the rings and close the events."""
        for _, held, ring in self._rings:
            ring.close()
            held.close()
        self._rings.clear()
        self._poll.close()

    def __enter__(self) -> PerfBuffer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
