"""Reads and writes of memory that may not be there: kernel and user addresses.

What is not described in the world is not there: the read fails as a fault would, with -EFAULT and
a zeroed buffer. Source: kernel/trace/bpf_trace.c, mm/maccess.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errnos import EFAULT, EINVAL
from ..faults import MemoryFault
from .register import helper, kfunc, u32

if TYPE_CHECKING:
    from ..run import Run


def probe_bytes(run: Run, addr: int, size: int) -> bytes | None:
    """Return memory at ``addr``, None when any of it is not there; regions may adjoin."""
    out = b""
    memory = run.memory
    while len(out) < size:
        at = addr + len(out)
        region = memory.find(at & 0xFFFFFFFFFFFFFFFF)
        window = region.window(at, 1) if region is not None else None
        if window is None:
            return None
        base, _, last, _, _, _, data = window
        out += bytes(data[at - base : min(last + 1, at - base + size - len(out))])
    return out


@helper("probe_read", "probe_read_kernel", "probe_read_user", "copy_from_user")
def probe_read(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_probe_read(destination, size, address)``."""
    size = u32(r2)
    if not size:
        return 0
    data = probe_bytes(run, r3, size)
    run.memory.fill(r1, size, data or b"")
    return -EFAULT if data is None else 0


@helper("copy_from_user_task")
def copy_from_user_task(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_copy_from_user_task(destination, size, address, task, flags)``."""
    return -EINVAL if r5 else probe_read(run, r1, r2, r3, 0, 0)


def probe_text(run: Run, addr: int, size: int) -> bytes | None:
    """Return the string at ``addr``, ``size`` bytes with its NUL at most; None = unreadable."""
    text = bytearray()
    while len(text) < size - 1:
        byte = probe_bytes(run, addr + len(text), 1)
        if byte is None:
            return None
        if byte == b"\0":
            break
        text += byte
    return bytes(text) + b"\0"


@helper("probe_read_str", "probe_read_kernel_str", "probe_read_user_str")
def probe_read_str(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_probe_read_str(destination, size, address)``: length with the NUL."""
    size = u32(r2)
    if not size:
        return 0
    text = probe_text(run, r3, size)
    if text is None:
        run.memory.fill(r1, size)
        return -EFAULT
    run.memory.write(r1, text)
    return len(text)


@kfunc("bpf_copy_from_user_str")
def copy_user_str(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_copy_from_user_str(destination, size, address, flags)``: flag 1 = zeros behind."""
    if r4 & ~1:
        return -EINVAL
    size = u32(r2)
    if not size:
        return 0
    text = probe_text(run, r3, size)
    if text is None:
        run.memory.fill(r1, size)
        return -EFAULT
    if r4 & 1:
        run.memory.fill(r1, size, text)
    else:
        run.memory.write(r1, text)
    return len(text)


@kfunc("bpf_copy_from_user_task_str")
def copy_task_str(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_copy_from_user_task_str(destination, size, address, task, flags)``."""
    return copy_user_str(run, r1, r2, r3, r5, 0)


@helper("probe_write_user")
def probe_write_user(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_probe_write_user(address, source, size)``."""
    data = run.memory.read(r2, u32(r3))
    try:
        run.memory.write(r1, data)
    except MemoryFault:
        return -EFAULT
    return 0


@helper("kallsyms_lookup_name")
def kallsyms_lookup(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_kallsyms_lookup_name(name, size, flags, result)``."""
    run.memory.write(r4, bytes(8))
    if r3:
        return -EINVAL
    data = run.memory.read(r1, u32(r2))
    if u32(r2) <= 1 or data[-1]:
        return -EINVAL
    addr = run.world.ksyms.get(data.split(b"\0", 1)[0].decode("latin-1"))
    if addr is None:
        return -2
    run.memory.write(r4, addr.to_bytes(8, run.world.byteorder))
    return 0
