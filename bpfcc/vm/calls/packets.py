"""Helpers on the packet: bytes, checksums, size, VLAN tags.

Source: net/core/filter.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errnos import EACCES, EFAULT, EINVAL, ENOTSUPP
from ..faults import BadArgument
from ..packet import Packet
from .register import helper, s32, u32

if TYPE_CHECKING:
    from ..run import Run


def packet_of(run: Run) -> Packet:
    """Return the packet of the run. Raises: BadArgument."""
    if run.packet is None:
        raise BadArgument("the run has no packet: give one with packet=...")
    return run.packet


@helper("skb_load_bytes")
def load_bytes(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_load_bytes(skb, offset, to, size)``."""
    data = packet_of(run).read(u32(r2), u32(r4))
    run.memory.fill(r3, u32(r4), data or b"")
    return -EFAULT if data is None else 0


@helper("skb_load_bytes_relative")
def load_bytes_relative(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_load_bytes_relative(skb, offset, to, size, start header)``."""
    data = packet_of(run).relative(u32(r2), u32(r4), u32(r5)) if u32(r5) < 2 else None
    run.memory.fill(r3, u32(r4), data or b"")
    return -EFAULT if data is None else 0


@helper("skb_store_bytes")
def store_bytes(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_store_bytes(skb, offset, from, size, flags)``."""
    if r5 & ~3:
        return -EINVAL
    return 0 if packet_of(run).write(u32(r2), run.memory.read(r3, u32(r4))) else -EFAULT


@helper("xdp_load_bytes")
def xdp_load_bytes(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_xdp_load_bytes(xdp, offset, to, size)``."""
    data = packet_of(run).read(u32(r2), u32(r4))
    if data is None:
        return -EINVAL
    run.memory.write(r3, data)
    return 0


@helper("xdp_store_bytes")
def xdp_store_bytes(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_xdp_store_bytes(xdp, offset, from, size)``."""
    return 0 if packet_of(run).write(u32(r2), run.memory.read(r3, u32(r4))) else -EINVAL


@helper("xdp_get_buff_len")
def xdp_length(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_xdp_get_buff_len(xdp)``."""
    return len(packet_of(run))


@helper("xdp_adjust_head")
def xdp_adjust_head(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_xdp_adjust_head(xdp, delta)``."""
    return packet_of(run).adjust_head(s32(r2))


@helper("xdp_adjust_tail")
def xdp_adjust_tail(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_xdp_adjust_tail(xdp, delta)``."""
    return packet_of(run).adjust_tail(s32(r2))


@helper("xdp_adjust_meta")
def xdp_adjust_meta(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_xdp_adjust_meta(xdp, delta)``."""
    return packet_of(run).adjust_meta(s32(r2))


@helper("skb_pull_data")
def pull_data(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_pull_data(skb, length)``."""
    return packet_of(run).pull(u32(r2))


@helper("skb_change_tail")
def change_tail(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_change_tail(skb, length, flags)``."""
    return -EINVAL if r3 else packet_of(run).change_tail(u32(r2))


@helper("skb_change_head")
def change_head(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_change_head(skb, room, flags)``."""
    return -EINVAL if r3 else packet_of(run).change_head(u32(r2))


@helper("skb_adjust_room")
def adjust_room(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_adjust_room(skb, delta, mode, flags)``."""
    return packet_of(run).adjust_room(s32(r2), u32(r3), r4)


@helper("skb_change_proto")
def change_proto(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_change_proto(skb, protocol in network order, flags)``."""
    if r3:
        return -EINVAL
    protocol = (r2 & 0xFF) << 8 | r2 >> 8 & 0xFF
    return packet_of(run).change_protocol(protocol)


@helper("skb_change_type")
def change_type(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_change_type(skb, type)``: among the first four types."""
    if u32(r2) > 3:
        return -EINVAL
    run.set_field("pkt_type", u32(r2))
    return 0


@helper("skb_vlan_push")
def vlan_push(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_vlan_push(skb, protocol in network order, tci)``."""
    return packet_of(run).vlan_push((r2 & 0xFF) << 8 | r2 >> 8 & 0xFF, r3 & 0xFFFF)


@helper("skb_vlan_pop")
def vlan_pop(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_vlan_pop(skb)``."""
    return packet_of(run).vlan_pop()


# --- checksums -----------------------------------------------------------------------------


def _fold(total: int) -> int:
    """Fold a sum to 16 bits, carries added back."""
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def _words(data: bytes, order: Any) -> int:
    """Return the sum of ``data`` as 16-bit words of the host's order."""
    if len(data) % 2:
        data += b"\0"
    total = 0
    for i in range(0, len(data), 2):
        total += int.from_bytes(data[i : i + 2], order)
    return total


@helper("csum_diff")
def csum_diff(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``s64 bpf_csum_diff(from, size, to, size, seed)``: folded to 16 bits, as since Linux 6.13."""
    old, new = u32(r2), u32(r4)
    if old % 4 or new % 4:
        return -EINVAL
    order = run.world.byteorder
    removed = _words(run.memory.read(r1, old), order) if old else 0
    added = _words(run.memory.read(r3, new), order) if new else 0
    seed = _fold(u32(r5))
    if old and new:
        return _fold(_fold(seed + added) + (~_fold(removed) & 0xFFFF))
    if new:
        return _fold(seed + added)
    if old:
        return ~_fold((~seed & 0xFFFF) + removed) & 0xFFFF
    return seed


def _replace(packet: Packet, offset: int, old: int, new: int, order: Any) -> int | None:
    """Return the checksum at ``offset`` after words summing to ``old`` became ``new``."""
    data = packet.read(offset, 2)
    if data is None:
        return None
    kept = ~int.from_bytes(data, order) & 0xFFFF
    return ~_fold(kept + (~_fold(old) & 0xFFFF) + _fold(new)) & 0xFFFF


def _csum_replace(
    run: Run, offset: int, old: int, new: int, size: int, *, mangled_zero: bool
) -> int:
    packet = packet_of(run)
    order = run.world.byteorder
    if offset > 0xFFFF or offset % 2:
        return -EFAULT
    before = packet.read(offset, 2)
    if before is None:
        return -EFAULT
    if mangled_zero and before == b"\0\0":
        return 0  # a UDP checksum of 0 means there is none
    if size == 0:
        if old:
            return -EINVAL
        result = _replace(packet, offset, 0, _fold(u32(new)), order)
    elif size == 2:
        result = _replace(packet, offset, old & 0xFFFF, new & 0xFFFF, order)
    elif size == 4:
        result = _replace(packet, offset, _fold(u32(old)), _fold(u32(new)), order)
    else:
        return -EINVAL
    assert result is not None
    if mangled_zero and result == 0:
        result = 0xFFFF
    packet.write(offset, result.to_bytes(2, order))
    return 0


@helper("l3_csum_replace")
def l3_csum_replace(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_l3_csum_replace(skb, offset, from, to, flags with the size)``."""
    if r5 & ~0xF:
        return -EINVAL
    return _csum_replace(run, u32(r2), r3, r4, r5 & 0xF, mangled_zero=False)


@helper("l4_csum_replace")
def l4_csum_replace(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_l4_csum_replace(skb, offset, from, to, flags)``: 0x20 = a 0 means no checksum."""
    if r5 & ~0xFF:
        return -EINVAL
    mangled = bool(r5 & 0x20) and not r5 & 0x40
    return _csum_replace(run, u32(r2), r3, r4, r5 & 0xF, mangled_zero=mangled)


@helper("csum_update")
def csum_update(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``s64 bpf_csum_update(skb, csum)``: the packet has no hardware checksum."""
    return -ENOTSUPP


@helper("csum_level")
def csum_level(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_csum_level(skb, level)``: a query answers that nothing was verified."""
    return -EINVAL if u32(r2) > 3 else -EACCES if u32(r2) == 0 else 0


@helper("check_mtu")
def check_mtu(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_check_mtu(ctx, ifindex, mtu_len, len_diff, flags)``: against ``World.mtu``."""
    packet = packet_of(run)
    if r5 & ~1:
        return -EINVAL
    order = run.world.byteorder
    given = int.from_bytes(run.memory.read(r3, 4), order)
    mtu = run.world.mtu
    length = given + 14 if given else len(packet)
    length += s32(r4)
    run.memory.write(r3, mtu.to_bytes(4, order))
    if length < 0:
        return -EINVAL
    return 0 if length <= mtu + 14 else 1


@helper("skb_set_tstamp")
def set_tstamp(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_set_tstamp(skb, time, type)``."""
    kind = u32(r3)
    if kind > 1 or (kind == 1) != bool(r2):
        return -EINVAL
    run.set_field("tstamp", r2)
    run.set_field("tstamp_type", kind)
    return 0


@helper("get_hash_recalc")
def hash_recalc(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_get_hash_recalc(skb)``: the context's hash."""
    return run.get_field("hash")


@helper("set_hash")
def set_hash(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_set_hash(skb, hash)``."""
    run.set_field("hash", u32(r2))
    return 0


@helper("set_hash_invalid")
def set_hash_invalid(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_set_hash_invalid(skb)``."""
    run.set_field("hash", 0)
    return 0


@helper("msg_pull_data")
def msg_pull(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_msg_pull_data(msg, start, end, flags)``: the message is linear already."""
    return -EINVAL if r4 or u32(r2) >= u32(r3) or u32(r3) > len(packet_of(run)) else 0
