"""The few fields of kernel objects that programs may write.

Source: kernel ``bpf_tcp_ca_btf_struct_access``, ``nf_conntrack_btf_struct_access``,
``bpf_dummy_ops_btf_struct_access``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..btf.layout import byte_size, strip
from ..btf.types import Struct
from ..uapi.prog_types import ProgType
from .regs import ALLOC, UNTRUSTED, Reg

if TYPE_CHECKING:
    from .checker import Checker

# Congestion control: paths in struct tcp_sock. A store must start where the field does; it may
# start anywhere in the last one.
_TCP = (
    ("inet_conn", "icsk_inet", "sk", "sk_pacing_rate"),
    ("inet_conn", "icsk_inet", "sk", "sk_pacing_status"),
    ("inet_conn", "icsk_ack", "pending"),
    ("snd_cwnd",),
    ("snd_cwnd_cnt",),
    ("snd_cwnd_stamp",),
    ("snd_ssthresh",),
    ("ecn_flags",),
    ("app_limited",),
)
_TCP_PRIVATE = ("inet_conn", "icsk_ca_priv")
_DUMMY_STATE_SIZE = 4
_CONNTRACK = frozenset({"nf_conn", "nf_conn___init"})


def check_write(ck: Checker, idx: int, number: int, reg: Reg, off: int, size: int) -> None:
    """Reject a store of ``size`` bytes at ``off`` of the object that is no store to such a field."""
    struct = reg.x
    assert isinstance(struct, Struct)
    name = struct.name
    text = "only read is supported"
    if reg.t & ALLOC:
        if not reg.t & UNTRUSTED:
            return
    elif ck.prog_type == ProgType.STRUCT_OPS:
        ops = ck.subject.struct_op[0].name.split("___")[0] if ck.subject.struct_op else ""
        if ops == "tcp_congestion_ops":
            if name == "tcp_sock":
                found = _tcp_field(struct, off)
                if found and off + size <= found:
                    return
                text = f"no write support to tcp_sock at off {off}"
                if found:
                    text = (
                        f"write access at off {off} with size {size} beyond the member of tcp_sock"
                        f" ended at {found}"
                    )
        elif ops == "bpf_dummy_ops":
            if name == "bpf_dummy_ops_state" and off + size <= _DUMMY_STATE_SIZE:
                return
        else:
            ck.unknown(f"which fields of struct {name} a {ops} program may write", idx)
    elif ck.prog_type in (ProgType.XDP, ProgType.SCHED_CLS) and name in _CONNTRACK:
        place = find_member(struct, "mark") or find_member(struct, "ct", "mark")
        if place is not None and place[0] == off and size <= place[1]:
            return
        text = f"no write support to nf_conn at off {off}"
    ck.fail("read-only", text, idx, number, kind=reg.t, struct=name)


def _tcp_field(struct: Struct, off: int) -> int:
    """Return where the writable field that starts at ``off`` ends, 0 when there is none."""
    for path in _TCP:
        place = find_member(struct, *path)
        if place is not None and place[0] == off:
            return sum(place)
    place = find_member(struct, *_TCP_PRIVATE)
    if place is not None and place[0] <= off < sum(place):
        return sum(place)
    return 0


def find_member(struct: Struct, *path: str) -> tuple[int, int] | None:
    """Return offset and size in bytes of a member, looked for in anonymous members too."""
    for member in struct.members:
        start = member.bit_offset // 8
        kind = strip(member.type)
        if member.name == path[0]:
            if len(path) == 1:
                bits = member.bitfield_size
                return start, (bits + 7) // 8 if bits else byte_size(member.type)
            found = find_member(kind, *path[1:]) if isinstance(kind, Struct) else None
        elif not member.name and isinstance(kind, Struct):
            found = find_member(kind, *path)
        else:
            continue
        if found is not None:
            return start + found[0], found[1]
    return None
