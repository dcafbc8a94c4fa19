"""bpf_fib_lookup over the routes that the user describes (``World.routes``).

Source: net/core/filter.c (bpf_ipv4_fib_lookup and its callers), struct bpf_fib_lookup.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from ..errnos import EAFNOSUPPORT, EINVAL, ENODEV
from ..faults import NotDescribed
from ..routes import Address, Route
from .packets import packet_of
from .register import helper, u32

if TYPE_CHECKING:
    from ..run import Run

_SIZE = 64  # of struct bpf_fib_lookup
_INET, _INET6 = 2, 10
_DIRECT, _OUTPUT, _SKIP_NEIGH, _TBID, _SRC, _MARK = 1, 2, 4, 8, 16, 32
_SUCCESS, _BLACKHOLE, _UNREACHABLE, _PROHIBIT, _NOT_FORWARDED = 0, 1, 2, 3, 4
_FORWARDING_OFF, _ENCAP, _NO_NEIGHBOUR, _TOO_LONG, _NO_SOURCE = 5, 6, 7, 8, 9
_REFUSED = {
    "blackhole": _BLACKHOLE,
    "unreachable": _UNREACHABLE,
    "prohibit": _PROHIBIT,
    "local": _NOT_FORWARDED,
    "broadcast": _NOT_FORWARDED,
}
# Offsets in the struct.
_LENGTH, _IFINDEX, _METRIC, _FROM, _TO, _VLAN, _SMAC, _DMAC = 6, 8, 12, 16, 32, 48, 52, 58


class _Lookup:
    """The caller's struct while it is worked on."""

    def __init__(self, run: Run, place: int) -> None:
        self.run = run
        self.place = place
        self.order = run.world.byteorder
        self.data = bytearray(run.memory.read(place, _SIZE))

    def number(self, at: int, size: int) -> int:
        return int.from_bytes(self.data[at : at + size], self.order)

    def set(self, at: int, size: int, value: int) -> None:
        self.data[at : at + size] = value.to_bytes(size, self.order)

    def address(self, at: int) -> Address:
        if self.data[0] == _INET6:
            return ipaddress.IPv6Address(bytes(self.data[at : at + 16]))
        return ipaddress.IPv4Address(bytes(self.data[at : at + 4]))

    def set_address(self, at: int, value: Address) -> None:
        self.data[at : at + len(value.packed)] = value.packed

    def save(self) -> None:
        self.run.memory.write(self.place, bytes(self.data))


@helper("fib_lookup", needs=lambda world: bool(world.routes))
def fib_lookup(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_fib_lookup(ctx, params, size, flags)``."""
    if not run.world.routes:
        line = 'world.routes.add("10.0.0.0/8", dev=2, via="192.168.1.1")'
        raise NotDescribed("bpf_fib_lookup", "no routes are described", line)
    if u32(r3) < _SIZE or u32(r4) & ~0x3F:
        return -EINVAL
    flags = u32(r4)
    lookup = _Lookup(run, r2)
    if lookup.data[0] not in (_INET, _INET6):
        return -EAFNOSUPPORT
    is_xdp = run.packet is not None and run.packet.kind == "xdp"
    length = lookup.number(_LENGTH, 2)
    check = is_xdp or bool(length)
    status = _look_up(lookup, flags, length, check)
    if status == _SUCCESS and not check:
        index = lookup.number(_IFINDEX, 4)
        mtu = run.world.routes.find_interface(index).mtu or run.world.mtu
        if run.packet is not None and len(packet_of(run)) > mtu + 14 + 4:
            status = _TOO_LONG
        lookup.set(_LENGTH, 2, mtu & 0xFFFF)
    if status >= 0:
        lookup.save()
    return status


def _look_up(lookup: _Lookup, flags: int, length: int, check: bool) -> int:
    world = lookup.run.world
    routes = world.routes
    to = lookup.address(_TO)
    index = lookup.number(_IFINDEX, 4)
    if to.version == 6 and (to.is_link_local or lookup.address(_FROM).is_link_local):
        return _NOT_FORWARDED
    if not index:
        return -ENODEV
    if not routes.find_interface(index).forwarding:
        return _FORWARDING_OFF
    table = None
    if flags & _DIRECT:
        table = 254
        if flags & _TBID:
            table = lookup.number(_VLAN, 4)
            lookup.set(_VLAN, 4, 0)
    route = routes.find(to, table, index if flags & _OUTPUT else 0)
    if route is None:
        return _NOT_FORWARDED
    if route.kind in _REFUSED:
        return _REFUSED[route.kind]
    device = routes.find_interface(route.dev)
    mtu = route.mtu or device.mtu or world.mtu
    if check and length > mtu:
        lookup.set(_LENGTH, 2, mtu)
        return _TOO_LONG
    if route.kind == "encap":
        return _ENCAP
    return _forward(lookup, route, device.mac, flags, mtu if check else 0)


def _forward(lookup: _Lookup, route: Route, mac: bytes, flags: int, mtu: int) -> int:
    routes = lookup.run.world.routes
    lookup.set(_METRIC, 4, route.metric)
    lookup.set(_IFINDEX, 4, route.dev)
    if flags & _SRC:
        if route.source is None:
            return _NO_SOURCE
        lookup.set_address(_FROM, route.source)
    target = lookup.address(_TO)
    if route.via is not None:
        target = route.via
        lookup.data[0] = _INET6 if target.version == 6 else _INET
        lookup.set_address(_TO, target)
    if not flags & _SKIP_NEIGH:
        found = routes.neighbours.get(target)
        if found is None:
            return _NO_NEIGHBOUR
        lookup.data[_DMAC : _DMAC + 6] = found
        lookup.data[_SMAC : _SMAC + 6] = mac
    lookup.set(_VLAN, 4, 0)
    if mtu:
        lookup.set(_LENGTH, 2, mtu)
    return _SUCCESS
