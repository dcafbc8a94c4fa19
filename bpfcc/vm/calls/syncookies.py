"""SYN cookies: what one program makes, another can check.

The cookies are built as the kernel builds them, of a keyed hash of the connection, the minute and
an index of the segment size; the key comes from the world's secret, so a run can be repeated.
Source: net/ipv4/syncookies.c, net/ipv6/syncookies.c, net/core/filter.c.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..errnos import EACCES, EINVAL, ENOENT
from .register import helper, u32

if TYPE_CHECKING:
    from ..run import Run

_SIZES_4 = (536, 1300, 1440, 1460)
_SIZES_6 = (1220, 1420, 1440, 8940)
_TCP = 20  # bytes of a header without options
_MAX_AGE = 2  # minutes
_PERIOD = 60_000_000_000
_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16
_M32 = 0xFFFFFFFF


def _hash(run: Run, parts: bytes, count: int, which: int) -> int:
    key = f"{run.world.secret} {which}".encode()
    digest = hashlib.blake2b(parts + count.to_bytes(4, "big"), digest_size=4, key=key)
    return int.from_bytes(digest.digest(), "big")


def _connection(ip: bytes, tcp: bytes, v6: bool) -> bytes:
    return (ip[8:40] if v6 else ip[12:20]) + tcp[0:4]


def _segment_size(tcp: bytes) -> int:
    """Return the size that the SYN's options announce, 0 when they do not."""
    at, end = _TCP, len(tcp)
    while at < end and tcp[at]:
        if tcp[at] == 1:
            at += 1
            continue
        if at + 1 >= end or tcp[at + 1] < 2:
            break
        if tcp[at] == 2 and tcp[at + 1] == 4 and at + 4 <= end:
            return int.from_bytes(tcp[at + 2 : at + 4], "big")
        at += tcp[at + 1]
    return 0


def _make(run: Run, ip: bytes, tcp: bytes, v6: bool) -> int:
    """Return the cookie, with the segment size above 32 bits."""
    sizes = _SIZES_6 if v6 else _SIZES_4
    size = _segment_size(tcp) or sizes[0]
    index = max((k for k in range(len(sizes)) if sizes[k] <= size), default=0)
    parts = _connection(ip, tcp, v6)
    sequence = int.from_bytes(tcp[4:8], "big")
    minute = run.world.now() // _PERIOD
    low = (_hash(run, parts, minute, 1) + index) & 0xFFFFFF
    cookie = (_hash(run, parts, 0, 0) + sequence + (minute << 24) + low) & _M32
    return cookie | sizes[index] << 32


def _check(run: Run, ip: bytes, tcp: bytes, v6: bool) -> int:
    """Return the segment size of the cookie that an ACK brings back, 0 when it is none of ours."""
    parts = _connection(ip, tcp, v6)
    sequence = (int.from_bytes(tcp[4:8], "big") - 1) & _M32
    cookie = (int.from_bytes(tcp[8:12], "big") - 1) & _M32
    cookie = (cookie - _hash(run, parts, 0, 0) - sequence) & _M32
    minute = run.world.now() // _PERIOD
    age = (minute - (cookie >> 24)) & 0xFF
    if age >= _MAX_AGE:
        return 0
    sizes = _SIZES_6 if v6 else _SIZES_4
    index = (cookie - _hash(run, parts, minute - age, 1)) & 0xFFFFFF
    return sizes[index] if index < len(sizes) else 0


def _raw_make(run: Run, ip: int, tcp: int, size: int, v6: bool) -> int:
    header = run.memory.read(ip, 40 if v6 else 20)
    if size < _TCP:
        return -EINVAL
    data = run.memory.read(tcp, size)
    if size != (data[12] >> 4) * 4:
        return -EINVAL
    return _make(run, header, data, v6)


@helper("tcp_raw_gen_syncookie_ipv4")
def raw_make_4(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``s64 bpf_tcp_raw_gen_syncookie_ipv4(ip header, tcp header, tcp length)``."""
    return _raw_make(run, r1, r2, u32(r3), False)


@helper("tcp_raw_gen_syncookie_ipv6")
def raw_make_6(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``s64 bpf_tcp_raw_gen_syncookie_ipv6(ip header, tcp header, tcp length)``."""
    return _raw_make(run, r1, r2, u32(r3), True)


@helper("tcp_raw_check_syncookie_ipv4")
def raw_check_4(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_tcp_raw_check_syncookie_ipv4(ip header, tcp header)``."""
    header, data = run.memory.read(r1, 20), run.memory.read(r2, _TCP)
    return 0 if _check(run, header, data, False) else -EACCES


@helper("tcp_raw_check_syncookie_ipv6")
def raw_check_6(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_tcp_raw_check_syncookie_ipv6(ip header, tcp header)``."""
    header, data = run.memory.read(r1, 40), run.memory.read(r2, _TCP)
    return 0 if _check(run, header, data, True) else -EACCES


def _headers(run: Run, ip: int, ip_size: int, tcp: int, tcp_size: int) -> tuple[bytes, bytes, bool]:
    header = run.memory.read(ip, ip_size)
    return header, run.memory.read(tcp, tcp_size), header[0] >> 4 == 6


@helper("tcp_gen_syncookie")
def socket_make(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``s64 bpf_tcp_gen_syncookie(sock, ip header, length, tcp header, length)``."""
    if not r1 or u32(r5) < _TCP or u32(r3) < 20:
        return -EINVAL
    header, data, v6 = _headers(run, r2, u32(r3), r4, u32(r5))
    if data[13] & (_SYN | _ACK | _FIN | _RST) != _SYN or (v6 and len(header) < 40):
        return -EINVAL
    return _make(run, header, data, v6)


@helper("tcp_check_syncookie")
def socket_check(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_tcp_check_syncookie(sock, ip header, length, tcp header, length)``."""
    if not r1 or u32(r5) < _TCP or u32(r3) < 20:
        return -EINVAL
    header, data, v6 = _headers(run, r2, u32(r3), r4, u32(r5))
    if data[13] & (_ACK | _RST | _SYN) != _ACK:
        return -ENOENT
    if v6 and len(header) < 40:
        return -EINVAL
    return 0 if _check(run, header, data, v6) else -ENOENT
