"""Packets of a capture file.

The classic format of libpcap, both byte orders, microseconds or nanoseconds, and pcapng; Ethernet
only. Source: the IETF drafts "PCAP Capture File Format" (draft-ietf-opsawg-pcap) and "PCAP Now
Generic" (draft-ietf-opsawg-pcapng).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ..support.errors import InputError
from ..support.files import read_file

_MAGIC = {
    b"\xd4\xc3\xb2\xa1": "<",
    b"\xa1\xb2\xc3\xd4": ">",
    b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\x3c\x4d": ">",
}
_ETHERNET = 1
_SECTION = b"\x0a\x0d\x0d\x0a"
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _PACKET, _SIMPLE, _ENHANCED = 1, 2, 3, 6  # types of blocks


def read_pcap(path: str) -> Iterator[bytes]:
    """Yield the packets of ``path`` in order.

    Raises: InputError when it cannot be read or is no capture of Ethernet packets.
    """
    try:
        data = read_file(path)
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}") from error
    if data[:4] == _SECTION:
        yield from _blocks(path, data)
        return
    order = _MAGIC.get(data[:4])
    if order is None or len(data) < 24:
        raise InputError(f"'{path}' is no pcap or pcapng file")
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    if link != _ETHERNET:
        raise InputError(f"'{path}': link type {link} is not Ethernet")
    at = 24
    while at < len(data):
        if at + 16 > len(data):
            raise InputError(f"'{path}': the packet header at offset {at} is cut off")
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        at += 16
        if at + length > len(data):
            raise InputError(f"'{path}': the packet at offset {at} is cut off")
        yield data[at : at + length]
        at += length


def _blocks(path: str, data: bytes) -> Iterator[bytes]:
    """Yield the packets of a pcapng file."""
    order = "<"
    links: list[int] = []
    at = 0
    while at < len(data):
        if data[at : at + 4] == _SECTION:
            order = _ORDERS.get(data[at + 8 : at + 12], "")
            links = []
            if not order:
                raise InputError(f"'{path}': the section at offset {at} has no byte-order mark")
        if at + 12 > len(data):
            raise InputError(f"'{path}': the block at offset {at} is cut off")
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or length % 4 or at + length > len(data):
            raise InputError(f"'{path}': the block at offset {at} is cut off")
        body = data[at + 8 : at + length - 4]
        if kind == _INTERFACE and len(body) >= 8:
            links.append(struct.unpack_from(order + "H", body)[0])
        elif kind in (_ENHANCED, _PACKET, _SIMPLE):
            yield _block_packet(path, order, kind, body, links)
        at += length


def _block_packet(path: str, order: str, kind: int, body: bytes, links: list[int]) -> bytes:
    """Return the packet that a block holds."""
    interface = 0
    start = 4 if kind == _SIMPLE else 20
    if len(body) < start:
        raise InputError(f"'{path}': a packet's block is cut off")
    if kind == _SIMPLE:
        length = min(struct.unpack_from(order + "I", body)[0], len(body) - start)
    else:
        interface = struct.unpack_from(order + ("I" if kind == _ENHANCED else "H"), body)[0]
        length = struct.unpack_from(order + "I", body, 12)[0]
    if interface >= len(links):
        raise InputError(f"'{path}': a packet of interface {interface}, which is not described")
    if links[interface] != _ETHERNET:
        raise InputError(f"'{path}': link type {links[interface]} is not Ethernet")
    if start + length > len(body):
        raise InputError(f"'{path}': a packet of {length} bytes is cut off")
    return body[start : start + length]
