"""Routes, neighbours and interfaces that a user describes, for ``bpf_fib_lookup``.

    world.routes.add("10.0.0.0/8", dev=3, via="192.168.1.1")
    world.routes.neighbour("192.168.1.1", "02:00:00:00:00:01")
    world.routes.interface(3, mac="02:00:00:00:00:03", mtu=1400)

An interface that is not described exists, forwards, and has the world's MTU and a zero address.
"""

from __future__ import annotations

import ipaddress
from typing import Union

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

MAIN, LOCAL, DEFAULT = 254, 255, 253  # table numbers
KINDS = ("unicast", "local", "broadcast", "blackhole", "unreachable", "prohibit", "encap")


class Route:
    """One route; ``kind`` is one of ``KINDS``."""

    __slots__ = ("dev", "kind", "metric", "mtu", "network", "source", "table", "via")

    def __init__(
        self,
        network: Network,
        *,
        dev: int,
        via: Address | None,
        source: Address | None,
        metric: int,
        mtu: int | None,
        kind: str,
        table: int,
    ) -> None:
        self.network = network
        self.dev = dev
        self.via = via
        self.source = source
        self.metric = metric
        self.mtu = mtu
        self.kind = kind
        self.table = table


class Interface:
    """``mac``: 6 bytes; ``mtu``: None = the world's."""

    __slots__ = ("forwarding", "mac", "mtu")

    def __init__(self, mac: bytes = bytes(6), mtu: int | None = None, forwarding: bool = True):
        self.mac = mac
        self.mtu = mtu
        self.forwarding = forwarding


class Routes:
    """What is described; False when nothing is."""

    def __init__(self) -> None:
        self.table: list[Route] = []
        self.neighbours: dict[Address, bytes] = {}
        self.interfaces: dict[int, Interface] = {}

    def __bool__(self) -> bool:
        return bool(self.table or self.interfaces)

    def add(
        self,
        prefix: str,
        *,
        dev: int = 0,
        via: str | None = None,
        source: str | None = None,
        metric: int = 0,
        mtu: int | None = None,
        kind: str = "unicast",
        table: int = MAIN,
    ) -> None:
        """Add a route.

        Args:
            prefix: "10.0.0.0/8", "::/0", or "default" (IPv4).
            dev: index of the interface it goes out of.
            via: the gateway; None for what is on the link.
            source: the address that BPF_FIB_LOOKUP_SRC reports.
            metric: what ``rt_metric`` reports; the lowest of equal prefixes wins.
            mtu: of the route, as "mtu lock" sets it; None = the interface's.
            kind: one of ``KINDS``.
            table: number of the routing table.

        Raises: ValueError for what is no address, or a wrong kind.
        """
        if kind not in KINDS:
            raise ValueError(f"route kind {kind!r}: one of {', '.join(KINDS)}")
        network = ipaddress.ip_network("0.0.0.0/0" if prefix == "default" else prefix)
        if kind == "unicast" and not dev:
            raise ValueError(f"the route to {prefix} needs dev=, the index of its interface")
        self.table.append(
            Route(
                network,
                dev=dev,
                via=None if via is None else ipaddress.ip_address(via),
                source=None if source is None else ipaddress.ip_address(source),
                metric=metric,
                mtu=mtu,
                kind=kind,
                table=table,
            )
        )

    def neighbour(self, address: str, mac: str | bytes) -> None:
        """Say which link-layer address a neighbour has. Raises: ValueError."""
        self.neighbours[ipaddress.ip_address(address)] = mac_bytes(mac)

    def interface(
        self,
        index: int,
        *,
        mac: str | bytes = bytes(6),
        mtu: int | None = None,
        forwarding: bool = True,
    ) -> None:
        """Describe an interface. Raises: ValueError."""
        self.interfaces[index] = Interface(mac_bytes(mac), mtu, forwarding)

    def find_interface(self, index: int) -> Interface:
        """Return what is known of an interface."""
        return self.interfaces.get(index) or Interface()

    def find(self, address: Address, table: int | None = None, dev: int = 0) -> Route | None:
        """Return the route to ``address``: the longest prefix, then the lowest metric.

        Args:
            address: where to.
            table: only this table; None = local, main and default in that order.
            dev: only routes out of this interface; 0 = any.
        """
        for number in (LOCAL, MAIN, DEFAULT) if table is None else (table,):
            fitting = [
                route
                for route in self.table
                if route.table == number
                and route.network.version == address.version
                and address in route.network
                and (not dev or route.dev == dev or route.kind != "unicast")
            ]
            if fitting:
                return min(fitting, key=lambda one: (-one.network.prefixlen, one.metric))
        return None


def mac_bytes(mac: str | bytes) -> bytes:
    """Return 6 bytes of "02:00:00:00:00:01". Raises: ValueError."""
    data = (
        bytes(mac)
        if isinstance(mac, (bytes, bytearray))
        else bytes.fromhex(mac.replace(":", "").replace("-", ""))
    )
    if len(data) != 6:
        raise ValueError(f"{mac!r} is no link-layer address of 6 bytes")
    return data
