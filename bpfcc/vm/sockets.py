"""Sockets that a user describes, for the look-ups of packet programs.

    world.add_socket("10.0.0.1:80")                              # a listener
    world.add_socket("10.0.0.1:80", "10.0.0.9:4711", mark=7)     # a connection
    world.add_socket("[fd00::1]:53", protocol="udp")

Look-ups give connections before listeners. Source: net/core/filter.c (struct bpf_sock_tuple).
"""

from __future__ import annotations

import ipaddress
from typing import Any

from ..uapi import contexts
from .context import Context

_ESTABLISHED, _LISTEN, _CLOSE = 1, 10, 7
_PROTOCOLS = {"tcp": (6, 1), "udp": (17, 2)}  # protocol number, socket type
_FAMILIES = {4: 2, 6: 10}

Key = tuple[str, bytes]


def endpoint(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    """Return address and port of "10.0.0.1:80" or "[fd00::1]:80". Raises: ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 0xFFFF:
        raise ValueError(f"{text!r} is not written as ADDRESS:PORT")
    return ipaddress.ip_address(host.strip("[]")), int(port)


class Sockets:
    """Those that are described, by protocol and the bytes that look-ups ask with."""

    def __init__(self) -> None:
        self.connected: dict[Key, int] = {}
        self.listening: dict[Key, int] = {}

    def find(self, protocol: str, tuple: bytes) -> int:
        """Return the address of the socket for a ``struct bpf_sock_tuple``, 0 when there is none."""
        size = 4 if len(tuple) == 12 else 16
        mine = tuple[size : 2 * size] + tuple[-2:]
        found = self.connected.get((protocol, tuple)) or self.listening.get((protocol, mine))
        return found or self.listening.get((protocol, bytes(size) + tuple[-2:]), 0)

    def describe(
        self, local: str, remote: str | None, protocol: str, fields: dict[str, Any], order: Any
    ) -> tuple[bytes, dict[Key, int], Key]:
        """Return the bytes of a struct bpf_sock, and the table and key for its address.

        Raises: ValueError for what is no address, protocol or field.
        """
        if protocol not in _PROTOCOLS:
            raise ValueError(f"protocol {protocol!r}: one of {', '.join(_PROTOCOLS)}")
        address, port = endpoint(local)
        places = {field.name: (field.offset, field.size) for field in contexts.sock_fields()}
        sock = Context(bytearray(contexts.SIZES["bpf_sock"]), places, order)
        number, kind = _PROTOCOLS[protocol]
        unbound = _LISTEN if protocol == "tcp" else _CLOSE
        known: dict[str, Any] = {
            "family": _FAMILIES[address.version],
            "type": kind,
            "protocol": number,
            "state": unbound if remote is None else _ESTABLISHED,
            f"src_ip{address.version}": address.packed,
            "src_port": port,
        }
        key = address.packed + port.to_bytes(2, "big")
        entry = (self.listening, (protocol, key))
        if remote is not None:
            far, far_port = endpoint(remote)
            if far.version != address.version:
                raise ValueError(f"{local} and {remote} are of different families")
            known[f"dst_ip{far.version}"] = far.packed
            known["dst_port"] = far_port.to_bytes(2, "big")
            whole = far.packed + address.packed + far_port.to_bytes(2, "big") + key[-2:]
            entry = (self.connected, (protocol, whole))
        for name, value in {**known, **fields}.items():
            if name not in places:
                raise ValueError(f"struct bpf_sock has no field {name!r}")
            offset, _ = places[name]
            if isinstance(value, bytes):
                sock.data[offset : offset + len(value)] = value
            else:
                sock.set(name, value)
        return bytes(sock.data), *entry
