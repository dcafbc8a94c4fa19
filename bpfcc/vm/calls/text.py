"""Strings: numbers out of text, comparison, and the kernel's printf.

``format_text`` knows what bpf_trace_printk, bpf_snprintf and bpf_seq_printf accept, and refuses the
rest with -EINVAL as they do. Source: kernel/bpf/helpers.c (bpf_bprintf_prepare, __bpf_strtoull),
lib/vsprintf.c.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from ..errnos import EINVAL, ENOENT, ERANGE
from .probe import probe_bytes
from .register import helper, kfunc, u32

if TYPE_CHECKING:
    from ..run import Run
    from ..world import World

_SPACES = b" \t\n\v\f\r\xa0"
_MASK64 = 0xFFFFFFFFFFFFFFFF
_WIDEST = (1 << 23) - 1  # FIELD_WIDTH_MAX
_TRACE_LINE = 1023  # BPF_TRACE_PRINTK_SIZE less the NUL


def _digits(text: bytes, base: int) -> int:
    """Return how many characters at the start of ``text`` are digits of ``base``."""
    count = 0
    for byte in text:
        char = chr(byte).lower()
        value = int(char, 36) if char.isalnum() and char.isascii() else 99
        if value >= base:
            break
        count += 1
    return count


def parse_number(text: bytes, base: int) -> tuple[int, int] | int:
    """Return (value, characters used), or a negative error number; the value may exceed 64 bits."""
    if base not in (0, 8, 10, 16) or not text:
        return -EINVAL
    at = len(text) - len(text.lstrip(_SPACES))
    negative = text[at : at + 1] == b"-"
    at += negative
    rest = text[at : at + 63]
    if not rest:
        return -EINVAL
    skip = 0
    hexadecimal = rest[:2].lower() == b"0x" and _digits(rest[2:3], 16) == 1
    if base == 0:
        base = 16 if hexadecimal else 8 if rest[:1] == b"0" else 10
    if base == 16 and rest[:2].lower() == b"0x":
        skip = 2
    count = _digits(rest[skip:], base)
    if not count:
        return -EINVAL
    value = int(rest[skip : skip + count], base)
    if value > _MASK64:
        return -ERANGE
    return (-value if negative else value), at + skip + count


@helper("strtol")
def strtol(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_strtol(text, length, flags with the base, result)``."""
    return _strto(run, r1, r2, r3, r4, signed=True)


@helper("strtoul")
def strtoul(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_strtoul(text, length, flags with the base, result)``."""
    return _strto(run, r1, r2, r3, r4, signed=False)


def _strto(run: Run, text: int, size: int, flags: int, where: int, *, signed: bool) -> int:
    run.memory.write(where, bytes(8))
    if flags & ~0x1F:
        return -EINVAL
    found = parse_number(run.memory.read(text, u32(size)), flags & 0x1F)
    if isinstance(found, int):
        return found
    value, used = found
    raw = run.memory.read(text, used)
    if not signed and b"-" in raw:
        return -EINVAL
    if signed and not -(1 << 63) <= value < 1 << 63:
        return -ERANGE
    run.memory.write(where, (value & _MASK64).to_bytes(8, run.world.byteorder))
    return used


@helper("strncmp")
def strncmp(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_strncmp(s1, size, s2)``."""
    size = u32(r2)
    left = run.memory.read(r1, size)
    end = left.find(0)
    # s2 is a constant string: as long as it is, no further.
    right = run.memory.read_string(r3, (size if end < 0 else end + 1)) if size else b""
    a = left if end < 0 else left[:end]
    b = right[: size if end < 0 else end + 1]
    return (a > b) - (a < b)


class _Bad(Exception):
    """The format is refused."""


def format_text(world: World, run: Run, text: bytes, args: list[int]) -> bytes | None:
    """Return the formatted text, None when the kernel refuses the format."""
    try:
        return _format(world, run, text, args)
    except _Bad:
        return None


def _format(world: World, run: Run, text: bytes, args: list[int]) -> bytes:
    out = bytearray()
    at = number = 0
    while at < len(text):
        byte = text[at]
        if byte >= 0x80 or (byte < 0x20 and byte not in _SPACES):
            raise _Bad
        if byte != 0x25:
            out.append(byte)
            at += 1
            continue
        if text[at + 1 : at + 2] == b"%":
            out += b"%"
            at += 2
            continue
        if number >= len(args):
            raise _Bad
        piece, at = _directive(world, run, text, at + 1, args[number])
        number += 1
        out += piece
    return bytes(out)


def _directive(world: World, run: Run, text: bytes, at: int, value: int) -> tuple[bytes, int]:
    """Format one directive that begins behind its ``%``; return (text, where it ends)."""
    start = at
    while text[at : at + 1] in (b"0", b"+", b"-", b" ") and at < len(text):
        at += 1
    flags = text[start:at]
    start = at
    while text[at : at + 1].isdigit():
        at += 1
    width = min(int(text[start:at][:9] or b"0"), _WIDEST)
    kind = text[at : at + 1]
    if kind == b"p":
        return _pointer(world, run, text, at + 1, value, flags, width)
    if kind == b"s":
        return _pad(_string(run, value), flags, width), at + 1
    if kind == b"c":
        return _pad(bytes([value & 0xFF]), flags, width), at + 1
    bits = 32
    if kind == b"l":
        bits = 64
        at += 1
        if text[at : at + 1] == b"l":
            at += 1
        kind = text[at : at + 1]
    if kind not in (b"d", b"i", b"u", b"x", b"X"):
        raise _Bad
    return _number(value, kind, bits, flags, width), at + 1


def _number(value: int, kind: bytes, bits: int, flags: bytes, width: int) -> bytes:
    value &= (1 << bits) - 1
    sign = ""
    if kind in (b"d", b"i"):
        if value >> bits - 1:
            sign, value = "-", (1 << bits) - value
        elif b"+" in flags:
            sign = "+"
        elif b" " in flags:
            sign = " "
        digits = str(value)
    elif kind == b"u":
        digits = str(value)
    else:
        digits = f"{value:x}" if kind == b"x" else f"{value:X}"
    if b"0" in flags and b"-" not in flags:
        digits = digits.rjust(width - len(sign), "0")
    return _pad((sign + digits).encode(), flags.replace(b"0", b""), width)


def _pad(text: bytes, flags: bytes, width: int) -> bytes:
    return text.ljust(width) if b"-" in flags else text.rjust(width)


def _string(run: Run, addr: int) -> bytes:
    """Return the NUL-terminated string at ``addr``; what cannot be read ends it."""
    out = bytearray()
    while len(out) < 512:
        byte = probe_bytes(run, addr + len(out), 1)
        if byte is None or byte == b"\0":
            break
        out += byte
    return bytes(out)


def _pointer(
    world: World, run: Run, text: bytes, at: int, value: int, flags: bytes, width: int
) -> tuple[bytes, int]:
    """``%p`` and its kin; ``at`` is behind the p."""
    kind = text[at : at + 1]
    if kind in (b"k", b"u") and text[at + 1 : at + 2] == b"s":
        return _pad(_string(run, value), flags, width), at + 2
    if kind in (b"i", b"I"):
        size = {b"4": 4, b"6": 16}.get(text[at + 1 : at + 2])
        if size is None:
            raise _Bad
        data = probe_bytes(run, value, size) or bytes(size)
        return _pad(_address(data, kind == b"i"), flags, width), at + 2
    if kind in (b"s", b"S", b"B"):
        return _pad(_symbol(world, value, kind != b"s"), flags, width), at + 1
    if kind in (b"K", b"x"):
        at += 1
    elif kind and (kind.isalnum() or kind[0] >= 0x80):
        raise _Bad
    return _pad(f"{value:016x}".encode(), flags, width), at


def _address(data: bytes, compact: bool) -> bytes:
    if len(data) == 4:
        template = "%03d.%03d.%03d.%03d" if compact else "%d.%d.%d.%d"
        return (template % tuple(data)).encode()
    if compact:
        return data.hex().encode()
    return ipaddress.IPv6Address(data).exploded.encode()


def _symbol(world: World, value: int, offset: bool) -> bytes:
    best = ""
    base = -1
    for name, addr in world.ksyms.items():
        if base < addr <= value and value - addr < 1 << 20:
            best, base = name, addr
    if not best:
        return f"{value:#x}".encode()
    return f"{best}+{value - base:#x}".encode() if offset else best.encode()


def arguments(run: Run, addr: int, size: int) -> list[int] | None:
    """Return the u64 arguments that ``data, data_len`` passes; None when the length is refused."""
    if size % 8 or size > 12 * 8 or (size and not addr):
        return None
    data = run.memory.read(addr, size)
    order = run.world.byteorder
    return [int.from_bytes(data[at : at + 8], order) for at in range(0, size, 8)]


def read_format(run: Run, addr: int, size: int) -> bytes | None:
    """Return a format of ``size`` bytes without its NUL; None when it has none at the end."""
    data = run.memory.read(addr, size)
    if not data or data[-1]:
        return None
    return data.split(b"\0", 1)[0]


def _print(world: World, text: bytes) -> None:
    world.trace.append(text[:_TRACE_LINE].decode("utf-8", "replace").removesuffix("\n"))


@helper("trace_printk")
def trace_printk(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_trace_printk(format, size, a, b, c)``."""
    text = read_format(run, r1, u32(r2))
    done = None if text is None else format_text(run.world, run, text, [r3, r4, r5])
    if done is None:
        return -EINVAL
    _print(run.world, done)
    return len(done)


@helper("trace_vprintk")
def trace_vprintk(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_trace_vprintk(format, size, data, data size)``."""
    text = read_format(run, r1, u32(r2))
    args = arguments(run, r3, u32(r4))
    done = None
    if text is not None and args is not None:
        done = format_text(run.world, run, text, args)
    if done is None:
        return -EINVAL
    _print(run.world, done)
    return len(done)


@kfunc("bpf_stream_vprintk_impl")
def stream_vprintk(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_stream_vprintk_impl(stream, format, data, data size, aux)``: as trace_printk."""
    args = arguments(run, r3, u32(r4))
    if u32(r1) not in (1, 2):
        return -ENOENT
    text = run.memory.read_string(r2, 1 << 12)
    done = None if args is None else format_text(run.world, run, text, args)
    if done is None:
        return -EINVAL
    _print(run.world, done)
    return 0


@helper("snprintf")
def snprintf(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_snprintf(buffer, size, format, data, data size)``: the length with its NUL."""
    args = arguments(run, r4, u32(r5))
    if args is None:
        return -EINVAL
    text = run.memory.read_string(r3, 1 << 12)
    done = format_text(run.world, run, text, args)
    if done is None:
        return -EINVAL
    size = u32(r2)
    if size:
        run.memory.write(r1, done[: size - 1] + b"\0")
    return len(done) + 1


@helper("seq_printf")
def seq_printf(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_seq_printf(seq, format, size, data, data size)``."""
    text = read_format(run, r2, u32(r3))
    args = arguments(run, r4, u32(r5))
    done = None
    if text is not None and args is not None:
        done = format_text(run.world, run, text, args)
    if done is None:
        return -EINVAL
    run.world.seq_output.setdefault(r1, bytearray()).extend(done)
    return 0


@helper("seq_write")
def seq_write(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_seq_write(seq, data, size)``."""
    data = run.memory.read(r2, u32(r3))
    run.world.seq_output.setdefault(r1, bytearray()).extend(data)
    return 0
