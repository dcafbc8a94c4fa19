"""Packets of a capture file.

The classic format of libpcap, both byte orders, microseconds or nanoseconds; Ethernet only.
Source: the IETF draft "PCAP Capture File Format" (draft-ietf-opsawg-pcap).
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


def read_pcap(path: str) -> Iterator[bytes]:
    """Yield the packets of ``path`` in order.

    Raises: InputError when it cannot be read or is no capture of Ethernet packets.
    """
    try:
        data = read_file(path)
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}") from error
    order = _MAGIC.get(data[:4])
    if order is None or len(data) < 24:
        raise InputError(f"'{path}' is not a pcap file (pcapng is not read)")
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
