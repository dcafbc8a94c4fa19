"""A packet under a program: bytes with room before and behind, and the context fields that follow.

One buffer holds headroom, packet and tailroom. ``meta <= start <= linear <= end`` are offsets into
it: XDP metadata begins at ``meta``, the packet at ``start``; programs may access directly up to
``linear``, helpers up to ``end``. The region the program sees is ``meta .. linear``; whoever moves
an offset calls ``sync``, which also brings data, data_end, data_meta and len in the context along.

Source: net/core/filter.c (the bpf_skb_* and bpf_xdp_* helpers), include/net/xdp.h.
"""

from __future__ import annotations

from collections.abc import Callable

from .errnos import EACCES, EFAULT, EINVAL, ENOMEM, ENOTSUPP
from .memory import PACKET_BASE, Memory, Region

HEADROOM = 256  # XDP_PACKET_HEADROOM
FRAME = 4096
_XDP_FRAME = 40  # sizeof(struct xdp_frame), kept at the start of the headroom
_SHARED_INFO = 320  # sizeof(struct skb_shared_info), kept at the end of the frame
_ETH = 14
_MAX_LENGTH = 0xFFFF + 18
_ETH_P_8021Q, _ETH_P_8021AD, _ETH_P_IP, _ETH_P_IPV6 = 0x8100, 0x88A8, 0x0800, 0x86DD

Setter = Callable[[str, int], None]


class Packet:
    """``kind`` is "xdp" or "skb"; ``set_field`` writes a context field by name.

    ``mac`` is the offset of the Ethernet header and ``network`` of what follows it; for program
    types that see a packet from the network layer on (``pulled``) the Ethernet header lies before
    ``start``. ``tag`` is the VLAN tag kept outside the bytes as (protocol, tci), None when there is
    none.
    """

    def __init__(
        self,
        memory: Memory,
        data: bytes,
        *,
        kind: str,
        set_field: Setter,
        linear: int | None = None,
        meta: bytes = b"",
        pulled: bool = False,
    ) -> None:
        size = max(FRAME, HEADROOM + len(data) + _SHARED_INFO + 512)
        self.buffer = bytearray(size)
        self.buffer[HEADROOM : HEADROOM + len(data)] = data
        self.buffer[HEADROOM - len(meta) : HEADROOM] = meta
        self.kind = kind
        self.meta = HEADROOM - len(meta)
        self.start = HEADROOM
        self.end = HEADROOM + len(data)
        self.mac = self.start
        self.network = self.start + min(_ETH, len(data))
        if pulled:
            self.start = self.meta = self.network
        self.linear = self.end if linear is None else min(self.start + linear, self.end)
        self.tag: tuple[int, int] | None = None
        self.memory = memory
        self.region = Region(PACKET_BASE, self.buffer, "the packet")
        self.set_field = set_field

    def hold(self, length: int, *, pulled: bool) -> None:
        """The buffer holds another packet of ``length`` bytes, as new; the context says so already."""
        self.meta = self.start = self.mac = HEADROOM
        self.end = self.linear = HEADROOM + length
        self.network = self.start + min(_ETH, length)
        if pulled:
            self.start = self.meta = self.network
        self.tag = None
        self.region.start = self.meta
        self.region.stop = self.linear

    def open(self) -> None:
        """Make the packet accessible."""
        self.sync()
        self.memory.add(self.region)

    def close(self) -> None:
        """Take it away."""
        self.memory.remove(self.region)

    def sync(self) -> None:
        """Bring bounds and context fields up to date."""
        self.region.start = self.meta
        self.region.stop = self.linear
        base = self.region.base
        self.set_field("data", base + self.start)
        self.set_field("data_end", base + self.linear)
        self.set_field("data_meta", base + self.meta)
        if self.kind == "skb":
            self.set_field("len", self.end - self.start)
            self.set_field("vlan_present", 0 if self.tag is None else 1)
            self.set_field("vlan_proto", 0 if self.tag is None else _swap16(self.tag[0]))
            self.set_field("vlan_tci", 0 if self.tag is None else self.tag[1])

    @property
    def data(self) -> bytes:
        """The packet's bytes now."""
        return bytes(self.buffer[self.start : self.end])

    @property
    def metadata(self) -> bytes:
        """The XDP metadata now."""
        return bytes(self.buffer[self.meta : self.start])

    def __len__(self) -> int:
        return self.end - self.start

    # --- bytes -----------------------------------------------------------------------------

    def read(self, offset: int, size: int) -> bytes | None:
        """Return ``size`` bytes at ``offset``, None when they are not all there."""
        if offset < 0 or offset > 0x7FFFFFFF or offset + size > len(self):
            return None
        at = self.start + offset
        return bytes(self.buffer[at : at + size])

    def write(self, offset: int, data: bytes) -> bool:
        """Write ``data`` at ``offset``; False when it does not fit."""
        if offset < 0 or offset > 0x7FFFFFFF or offset + len(data) > len(self):
            return False
        at = self.start + offset
        self.buffer[at : at + len(data)] = data
        return True

    def load(self, offset: int, size: int) -> int | None:
        """LD_ABS: a number in network order; the two special bases are the headers."""
        if -0x200000 <= offset < -0x100000:
            at = self.mac + offset + 0x200000
        elif -0x100000 <= offset < 0:
            at = self.network + offset + 0x100000
        else:
            at = self.start + offset
        if not self.meta <= at <= self.end - size:
            return None
        return int.from_bytes(self.buffer[at : at + size], "big")

    def relative(self, offset: int, size: int, header: int) -> bytes | None:
        """bpf_skb_load_bytes_relative: ``header`` 0 = link, 1 = network."""
        base = self.mac if header == 0 else self.network
        at = base + offset
        if offset > 0xFFFF or at + size > self.end:
            return None
        return bytes(self.buffer[at : at + size])

    # --- XDP -------------------------------------------------------------------------------

    def adjust_head(self, delta: int) -> int:
        """bpf_xdp_adjust_head."""
        start = self.start + delta
        length = self.start - self.meta
        if start < _XDP_FRAME + length or start > self.end - _ETH:
            return -EINVAL
        if length:
            self.buffer[self.meta + delta : self.start + delta] = self.buffer[
                self.meta : self.start
            ]
        self.meta += delta
        self.start = self.mac = start
        self.network = start + _ETH
        self.sync()
        return 0

    def adjust_tail(self, delta: int) -> int:
        """bpf_xdp_adjust_tail: what grows is zero."""
        end = self.end + delta
        if end > len(self.buffer) - _SHARED_INFO or end < self.start + _ETH:
            return -EINVAL
        if delta > 0:
            self.buffer[self.end : end] = bytes(delta)
        self.end = self.linear = end
        self.sync()
        return 0

    def adjust_meta(self, delta: int) -> int:
        """bpf_xdp_adjust_meta."""
        meta = self.meta + delta
        if meta < _XDP_FRAME or meta > self.start:
            return -EINVAL
        length = self.start - meta
        if length % 4 or length > 255:
            return -EACCES
        self.meta = meta
        self.sync()
        return 0

    # --- sk_buff ---------------------------------------------------------------------------

    def protocol(self) -> int:
        """Return the EtherType, 0 when there is no Ethernet header."""
        if self.network - self.mac < _ETH or self.mac + _ETH > self.end:
            return 0
        return int.from_bytes(self.buffer[self.mac + 12 : self.mac + 14], "big")

    def pull(self, length: int) -> int:
        """bpf_skb_pull_data: make the first ``length`` bytes (0 = all) directly accessible."""
        wanted = length or len(self)
        if wanted > len(self):
            return -ENOMEM
        self.linear = max(self.linear, self.start + wanted)
        self.sync()
        return 0

    def _room(self, before: int, behind: int) -> None:
        """Have at least so many bytes before the packet and behind it."""
        grow = max(0, before - self.meta)
        tail = max(0, self.end + behind - len(self.buffer))
        if not grow and not tail:
            return
        # The packet keeps its address: what is added before moves the region's base down.
        self.memory.remove(self.region)
        self.buffer[:0] = bytes(grow)
        self.buffer.extend(bytes(tail))
        for name in ("meta", "start", "end", "linear", "mac", "network"):
            setattr(self, name, getattr(self, name) + grow)
        self.region = Region(self.region.base - grow, self.buffer, "the packet")
        self.memory.add(self.region)

    def change_tail(self, length: int) -> int:
        """bpf_skb_change_tail: cut, or grow with zeros."""
        if length > _MAX_LENGTH or length < self.network - self.start:
            return -EINVAL
        if length > len(self):
            grow = length - len(self)
            self._room(0, grow)
            self.buffer[self.end : self.end + grow] = bytes(grow)
        self.end = self.start + length
        self.linear = self.end
        self.sync()
        return 0

    def change_head(self, room: int) -> int:
        """bpf_skb_change_head: add ``room`` zero bytes in front (a new link header)."""
        if len(self) + room > _MAX_LENGTH:
            return -EINVAL
        self._room(room, 0)
        self.start -= room
        self.buffer[self.start : self.start + room] = bytes(room)
        self.meta = self.mac = self.start
        self.sync()
        return 0

    def insert(self, at: int, count: int) -> None:
        """Insert ``count`` zero bytes ``at`` bytes from the start, or delete -``count``.

        What lies before moves, so that the packet's end keeps its address.
        """
        if count > 0:
            self._room(count, 0)
        old = self.start
        head = bytes(self.buffer[old : old + at])
        self.start = old - count
        self.buffer[self.start : self.start + at] = head
        if count > 0:
            self.buffer[self.start + at : old + at] = bytes(count)
        self.meta = self.mac = self.start
        self.sync()

    def vlan_push(self, protocol: int, tci: int) -> int:
        """bpf_skb_vlan_push: a tag that is there already moves into the bytes."""
        if protocol not in (_ETH_P_8021Q, _ETH_P_8021AD):
            protocol = _ETH_P_8021Q
        if self.tag is not None:
            old = self.tag
            self.insert(12, 4)
            self.buffer[self.start + 12 : self.start + 16] = old[0].to_bytes(2, "big") + old[
                1
            ].to_bytes(2, "big")
        self.tag = protocol, tci & 0xFFFF
        self._retag()
        return 0

    def _retag(self) -> None:
        """After a change of tags: the context's protocol is what the bytes say."""
        self.set_field("protocol", _swap16(self.protocol()))
        self.sync()

    def vlan_pop(self) -> int:
        """bpf_skb_vlan_pop: the tag goes; one in the bytes takes its place."""
        if self.tag is not None:
            self.tag = None
        elif self.protocol() in (_ETH_P_8021Q, _ETH_P_8021AD):
            self.insert(12, -4)
        else:
            return 0
        if self.protocol() in (_ETH_P_8021Q, _ETH_P_8021AD) and len(self) >= 18:
            raw = self.buffer[self.start + 12 : self.start + 16]
            self.insert(12, -4)
            self.tag = int.from_bytes(raw[:2], "big"), int.from_bytes(raw[2:], "big")
        self._retag()
        return 0

    def adjust_room(self, delta: int, mode: int, flags: int) -> int:
        """bpf_skb_adjust_room: room behind the network header (mode 0) or link header (1)."""
        if flags & ~0x1FF:
            return -EINVAL
        if abs(delta) > 0xFFF:
            return -EFAULT
        at = self.network - self.start
        protocol = self.protocol()
        if protocol not in (_ETH_P_IP, _ETH_P_IPV6):
            return -ENOTSUPP
        if mode not in (0, 1):
            return -ENOTSUPP
        if mode == 0:
            at += 20 if protocol == _ETH_P_IP else 40
        if delta < 0 and len(self) + delta < at:
            return -ENOTSUPP
        if len(self) + delta > _MAX_LENGTH:
            return -ENOTSUPP
        network = self.network - self.start
        self.insert(at, delta)
        self.network = self.start + network
        return 0

    def change_protocol(self, protocol: int) -> int:
        """bpf_skb_change_proto: between IPv4 and IPv6, as room only."""
        current = self.protocol()
        if (current, protocol) == (_ETH_P_IP, _ETH_P_IPV6):
            self.insert(self.network - self.start, 20)
        elif (current, protocol) == (_ETH_P_IPV6, _ETH_P_IP):
            if len(self) < self.network - self.start + 40:
                return -EINVAL
            self.insert(self.network - self.start, -20)
        else:
            return -ENOTSUPP
        self.network = self.start + _ETH
        self.set_field("protocol", _swap16(protocol))
        return 0


def _swap16(value: int) -> int:
    return (value & 0xFF) << 8 | value >> 8 & 0xFF
