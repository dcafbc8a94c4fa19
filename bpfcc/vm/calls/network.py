"""Where packets go, and sockets: redirects, socket lookups, options.

Decisions are recorded (``Run.redirects``), not carried out.
Source: net/core/filter.c, devmap.c, sock_map.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...uapi.map_types import MapType
from ..errnos import EINVAL, ENOENT
from ..faults import BadArgument
from ..maps.array import SlotMap
from .maps import map_of
from .register import helper, u32

if TYPE_CHECKING:
    from ..run import Run

_TC_SHOT, _TC_REDIRECT, _XDP_ABORTED, _XDP_REDIRECT = 2, 7, 0, 4


def _is_xdp(run: Run) -> bool:
    return run.packet is not None and run.packet.kind == "xdp"


@helper("redirect")
def redirect(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_redirect(ifindex, flags)``."""
    if _is_xdp(run):
        if r2:
            return _XDP_ABORTED
        run.redirects.append(("interface", u32(r1), 0))
        return _XDP_REDIRECT
    if r2 & ~1:
        return _TC_SHOT
    run.redirects.append(("interface", u32(r1), r2))
    return _TC_REDIRECT


@helper("redirect_peer", "redirect_neigh")
def redirect_peer(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_redirect_peer(ifindex, flags)``; redirect_neigh(ifindex, params, size, flags)."""
    run.redirects.append(("interface", u32(r1), 0))
    return _TC_REDIRECT


@helper("clone_redirect")
def clone_redirect(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_clone_redirect(skb, ifindex, flags)``."""
    if r3 & ~1:
        return -EINVAL
    run.redirects.append(("clone", u32(r2), r3))
    return 0


@helper("redirect_map")
def redirect_map(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_redirect_map(map, key, flags)``: without a target, the low two flag bits."""
    found = map_of(run, r1)
    device = found.type in (MapType.DEVMAP, MapType.DEVMAP_HASH)
    allowed = 0x3 | (0x18 if device else 0)
    if r3 & ~allowed:
        return _XDP_ABORTED
    if r3 & 0x8:  # BPF_F_BROADCAST
        run.redirects.append(("broadcast", found.name, r3))
        return _XDP_REDIRECT
    key = u32(r2)
    raw = key.to_bytes(4, run.world.byteorder)
    target = found.value_of(raw) if isinstance(found, SlotMap) else None
    if target is None:
        return r3 & 0x3
    run.redirects.append((found.name, key, r3))
    return _XDP_REDIRECT


def _socket_redirect(run: Run, handle: int, key: bytes, flags: int) -> int:
    found = map_of(run, handle)
    if flags & ~1:
        return 0
    if not isinstance(found, SlotMap) or found.value_of(key) is None:
        return 0  # SK_DROP
    run.redirects.append((found.name, key, flags))
    return 1  # SK_PASS


@helper("sk_redirect_map", "msg_redirect_map")
def sk_redirect_map(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sk_redirect_map(ctx, map, key, flags)``."""
    return _socket_redirect(run, r2, u32(r3).to_bytes(4, run.world.byteorder), r4)


@helper("sk_redirect_hash", "msg_redirect_hash")
def sk_redirect_hash(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sk_redirect_hash(ctx, map, key, flags)``."""
    return _socket_redirect(run, r2, run.memory.read(r3, map_of(run, r2).key_size), r4)


@helper("sk_select_reuseport")
def select_reuseport(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sk_select_reuseport(ctx, map, key, flags)``."""
    found = map_of(run, r2)
    if r4:
        return -EINVAL
    key = run.memory.read(r3, found.key_size)
    if not isinstance(found, SlotMap) or found.value_of(key) is None:
        return -ENOENT
    run.redirects.append((found.name, key, 0))
    return 0


@helper("msg_apply_bytes", "msg_cork_bytes")
def msg_bytes(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_msg_apply_bytes(msg, bytes)``."""
    return 0


def _lookup(run: Run, place: int, size: int, protocol: str) -> int:
    if size not in (12, 36):
        return 0
    world = run.world
    key = run.memory.read(place, size)
    found = world.sockets.get(key) or world.described_sockets.find(protocol, key)
    if found:
        run.references[found] = "a socket reference"
    return found


@helper("sk_lookup_tcp", "skc_lookup_tcp")
def sk_lookup_tcp(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_sock *bpf_sk_lookup_tcp(ctx, tuple, size, netns, flags)``.

    Those of ``World.add_socket``, and of ``World.sockets`` by the tuple's bytes.
    """
    return 0 if r5 else _lookup(run, r2, u32(r3), "tcp")


@helper("sk_lookup_udp")
def sk_lookup_udp(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_sock *bpf_sk_lookup_udp(ctx, tuple, size, netns, flags)``."""
    return 0 if r5 else _lookup(run, r2, u32(r3), "udp")


@helper("sk_release")
def sk_release(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sk_release(sock)``."""
    if not r1:
        raise BadArgument("sk_release of NULL")
    run.references.pop(r1, None)
    return 0


@helper(
    "sk_fullsock",
    "get_listener_sock",
    "skc_to_tcp6_sock",
    "skc_to_tcp_sock",
    "skc_to_tcp_timewait_sock",
    "skc_to_tcp_request_sock",
    "skc_to_udp6_sock",
    "skc_to_unix_sock",
    "skc_to_mptcp_sock",
)
def same_socket(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """Conversions between views of one socket."""
    return r1


@helper("tcp_sock")
def tcp_sock(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_tcp_sock *bpf_tcp_sock(sock)``: ``World.tcp_sockets``."""
    return run.world.tcp_sockets.get(r1, 0)


@helper("get_socket_cookie", "get_netns_cookie")
def socket_cookie(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_get_socket_cookie(ctx)``."""
    return run.world.socket_cookie


@helper("get_socket_uid")
def socket_uid(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_get_socket_uid(skb)``."""
    return u32(run.world.task.uid)


@helper("setsockopt")
def setsockopt(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_setsockopt(ctx, level, name, value, size)``: kept in ``World.socket_options``."""
    run.world.socket_options[u32(r2), u32(r3)] = run.memory.read(r4, u32(r5))
    return 0


@helper("getsockopt")
def getsockopt(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_getsockopt(ctx, level, name, value, size)``."""
    size = u32(r5)
    value = run.world.socket_options.get((u32(r2), u32(r3)))
    run.memory.fill(r4, size, value or b"")
    return -EINVAL if value is None else 0


@helper("sock_ops_cb_flags_set")
def sock_ops_flags(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sock_ops_cb_flags_set(ctx, flags)``: the flags that are not known come back."""
    run.set_field("bpf_sock_ops_cb_flags", u32(r2) & 0x7F)
    return u32(r2) & ~0x7F


@helper("sk_assign")
def sk_assign(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sk_assign(ctx, sock, flags)``."""
    run.redirects.append(("socket", r2, r3))
    return 0


@helper("skb_set_tunnel_key", "skb_set_tunnel_opt")
def set_tunnel_key(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_set_tunnel_key(skb, key, size, flags)``: kept in ``World.tunnel``."""
    run.world.tunnel = run.memory.read(r2, u32(r3))
    return 0


@helper("skb_get_tunnel_key", "skb_get_tunnel_opt")
def get_tunnel_key(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_get_tunnel_key(skb, key, size, flags)``."""
    size = u32(r3)
    key = run.world.tunnel
    run.memory.fill(r2, size, key or b"")
    return -EINVAL if key is None else 0


@helper("skb_ecn_set_ce")
def ecn_set_ce(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_ecn_set_ce(skb)``: mark congestion on an ECN-capable IPv4 packet."""
    packet = run.packet
    if packet is None:
        return 0
    at = packet.network - packet.start
    header = packet.read(at, 20)
    if header is None or header[0] >> 4 != 4 or not header[1] & 3:
        return 0
    if header[1] & 3 == 3:
        return 1
    fresh = bytearray(header)
    fresh[1] |= 3
    total = ~int.from_bytes(fresh[10:12], "big") & 0xFFFF
    total += (~header[1] & 0xFFFF) + fresh[1]
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    fresh[10:12] = (~total & 0xFFFF).to_bytes(2, "big")
    packet.write(at, bytes(fresh))
    return 1


@helper("bind")
def bind(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_bind(ctx, address, size)``."""
    return 0 if u32(r3) >= 8 else -EINVAL
