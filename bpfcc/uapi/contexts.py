"""The fields of each program type's context, and how programs may access them.

One row per field: (name, offset, size, read, write, pointer).

``read`` and ``write`` say which accesses exist, if the program type may use the field at all:

    ""   none                  f4, f8   each aligned 4-, 8-byte element as a whole
    n    any aligned part of a 4-byte element      w   that, and aligned 8 bytes
    w48  aligned 4 or 8 bytes  l   a part that starts at the field's start
    "0.1 0.2"  exactly these (offset in the field . bytes)

``pointer`` is what a read yields when it is no number: a register kind of the verifier.
``_READ`` and ``_WRITE`` say which program types have which fields. All rows are measured on a 6.18
kernel by loading one program per (type, offset, size, direction); a test repeats that.
"""

from __future__ import annotations

from .prog_types import AttachType, ProgType

_Row = tuple[str, int, int, str, str, str]

_SK_BUFF: tuple[_Row, ...] = (
    ("len", 0, 4, "n", "", ""),
    ("pkt_type", 4, 4, "n", "", ""),
    ("mark", 8, 4, "n", "f4", ""),
    ("queue_mapping", 12, 4, "n", "f4", ""),
    ("protocol", 16, 4, "n", "", ""),
    ("vlan_present", 20, 4, "n", "", ""),
    ("vlan_tci", 24, 4, "n", "", ""),
    ("vlan_proto", 28, 4, "n", "", ""),
    ("priority", 32, 4, "n", "f4", ""),
    ("ingress_ifindex", 36, 4, "n", "", ""),
    ("ifindex", 40, 4, "n", "", ""),
    ("tc_index", 44, 4, "n", "f4", ""),
    ("cb", 48, 20, "w", "w", ""),
    ("hash", 68, 4, "n", "", ""),
    ("tc_classid", 72, 4, "n", "f4", ""),
    ("data", 76, 4, "f4", "", "pkt"),
    ("data_end", 80, 4, "f4", "", "pkt_end"),
    ("napi_id", 84, 4, "n", "", ""),
    ("family", 88, 4, "n", "", ""),
    ("remote_ip4", 92, 4, "f4", "", ""),
    ("local_ip4", 96, 4, "f4", "", ""),
    ("remote_ip6", 100, 16, "f4", "", ""),
    ("local_ip6", 116, 16, "f4", "", ""),
    ("remote_port", 132, 4, "n", "", ""),
    ("local_port", 136, 4, "n", "", ""),
    ("data_meta", 140, 4, "f4", "", "pkt_meta"),
    ("flow_keys", 144, 8, "f8", "", "flow_keys"),
    ("tstamp", 152, 8, "f8", "f8", ""),
    ("wire_len", 160, 4, "n", "", ""),
    ("gso_segs", 164, 4, "n", "", ""),
    ("sk", 168, 8, "f8", "", "sock_common_or_null"),
    ("gso_size", 176, 4, "n", "", ""),
    ("tstamp_type", 180, 4, "0.1", "", ""),
    ("hwtstamp", 184, 8, "f8", "", ""),
)

_XDP_MD: tuple[_Row, ...] = (
    ("data", 0, 4, "f4", "", "pkt"),
    ("data_end", 4, 4, "f4", "", "pkt_end"),
    ("data_meta", 8, 4, "f4", "", "pkt_meta"),
    ("ingress_ifindex", 12, 4, "f4", "", ""),
    ("rx_queue_index", 16, 4, "f4", "", ""),
    ("egress_ifindex", 20, 4, "f4", "", ""),
)

_PERF_EVENT: tuple[_Row, ...] = (
    ("regs", 0, 168, "f8", "", ""),
    ("sample_period", 168, 8, "w", "", ""),
    ("addr", 176, 8, "w", "", ""),
)

_SOCK: tuple[_Row, ...] = (
    ("bound_dev_if", 0, 4, "f4", "f4", ""),
    ("family", 4, 4, "l", "", ""),
    ("type", 8, 4, "l", "", ""),
    ("protocol", 12, 4, "l", "", ""),
    ("mark", 16, 4, "f4", "f4", ""),
    ("priority", 20, 4, "f4", "f4", ""),
    ("src_ip4", 24, 4, "n", "", ""),
    ("src_ip6", 28, 16, "n", "", ""),
    ("src_port", 44, 4, "l", "", ""),
    ("dst_port", 48, 4, "0.1 0.2 0.4 1.1", "", ""),
    ("dst_ip4", 52, 4, "n", "", ""),
    ("dst_ip6", 56, 16, "n", "", ""),
    ("state", 72, 4, "l", "", ""),
    ("rx_queue_mapping", 76, 4, "l", "", ""),
)

_SOCK_OPS: tuple[_Row, ...] = (
    ("op", 0, 4, "f4", "", ""),
    ("args", 4, 16, "f4", "0.4", ""),
    ("family", 20, 4, "f4", "", ""),
    ("remote_ip4", 24, 4, "f4", "", ""),
    ("local_ip4", 28, 4, "f4", "", ""),
    ("remote_ip6", 32, 16, "f4", "", ""),
    ("local_ip6", 48, 16, "f4", "", ""),
    ("remote_port", 64, 4, "f4", "", ""),
    ("local_port", 68, 4, "f4", "", ""),
    ("is_fullsock", 72, 4, "f4", "", ""),
    ("snd_cwnd", 76, 4, "f4", "", ""),
    ("srtt_us", 80, 4, "f4", "", ""),
    ("bpf_sock_ops_cb_flags", 84, 4, "f4", "", ""),
    ("state", 88, 4, "f4", "", ""),
    ("rtt_min", 92, 4, "f4", "", ""),
    ("snd_ssthresh", 96, 4, "f4", "", ""),
    ("rcv_nxt", 100, 4, "f4", "", ""),
    ("snd_nxt", 104, 4, "f4", "", ""),
    ("snd_una", 108, 4, "f4", "", ""),
    ("mss_cache", 112, 4, "f4", "", ""),
    ("ecn_flags", 116, 4, "f4", "", ""),
    ("rate_delivered", 120, 4, "f4", "", ""),
    ("rate_interval_us", 124, 4, "f4", "", ""),
    ("packets_out", 128, 4, "f4", "", ""),
    ("retrans_out", 132, 4, "f4", "", ""),
    ("total_retrans", 136, 4, "f4", "", ""),
    ("segs_in", 140, 4, "f4", "", ""),
    ("data_segs_in", 144, 4, "f4", "", ""),
    ("segs_out", 148, 4, "f4", "", ""),
    ("data_segs_out", 152, 4, "f4", "", ""),
    ("lost_out", 156, 4, "f4", "", ""),
    ("sacked_out", 160, 4, "f4", "", ""),
    ("sk_txhash", 164, 4, "f4", "f4", ""),
    ("bytes_received", 168, 8, "f8", "", ""),
    ("bytes_acked", 176, 8, "f8", "", ""),
    ("sk", 184, 8, "f8", "", "sock_or_null"),
    ("skb_data", 192, 8, "f8", "", "pkt"),
    ("skb_data_end", 200, 8, "f8", "", "pkt_end"),
    ("skb_len", 208, 4, "f4", "", ""),
    ("skb_tcp_flags", 212, 4, "l", "", ""),
    ("skb_hwtstamp", 216, 8, "f8", "", ""),
)

_CGROUP_DEV: tuple[_Row, ...] = (
    ("access_type", 0, 4, "n", "", ""),
    ("major", 4, 4, "f4", "", ""),
    ("minor", 8, 4, "f4", "", ""),
)

_SK_MSG: tuple[_Row, ...] = (
    ("data", 0, 8, "f8", "", "pkt"),
    ("data_end", 8, 8, "f8", "", "pkt_end"),
    ("family", 16, 4, "f4", "", ""),
    ("remote_ip4", 20, 4, "f4", "", ""),
    ("local_ip4", 24, 4, "f4", "", ""),
    ("remote_ip6", 28, 16, "f4", "", ""),
    ("local_ip6", 44, 16, "f4", "", ""),
    ("remote_port", 60, 4, "f4", "", ""),
    ("local_port", 64, 4, "f4", "", ""),
    ("size", 68, 4, "f4", "", ""),
    ("sk", 72, 8, "f8", "", "sock"),
)

_SK_REUSEPORT: tuple[_Row, ...] = (
    ("data", 0, 8, "f8", "", "pkt"),
    ("data_end", 8, 8, "f8", "", "pkt_end"),
    ("len", 16, 4, "n", "", ""),
    ("eth_protocol", 20, 4, "0.2 0.4 2.2", "", ""),
    ("ip_protocol", 24, 4, "n", "", ""),
    ("bind_inany", 28, 4, "n", "", ""),
    ("hash", 32, 4, "f4", "", ""),
    ("sk", 40, 8, "f8", "", "sock"),
    ("migrating_sk", 48, 8, "f8", "", "sock_common_or_null"),
)

_SYSCTL: tuple[_Row, ...] = (
    ("write", 0, 4, "n", "", ""),
    ("file_pos", 4, 4, "n", "f4", ""),
)

_SOCKOPT: tuple[_Row, ...] = (
    ("sk", 0, 8, "f8", "", "sock"),
    ("optval", 8, 8, "f8", "", "pkt"),
    ("optval_end", 16, 8, "f8", "", "pkt_end"),
    ("level", 24, 4, "f4", "f4", ""),
    ("optname", 28, 4, "f4", "f4", ""),
    ("optlen", 32, 4, "f4", "f4", ""),
    ("retval", 36, 4, "f4", "f4", ""),
)

_SK_LOOKUP: tuple[_Row, ...] = (
    ("sk", 0, 8, "f8", "", "sock_or_null"),
    ("family", 8, 4, "n", "", ""),
    ("protocol", 12, 4, "n", "", ""),
    ("remote_ip4", 16, 4, "n", "", ""),
    ("remote_ip6", 20, 16, "n", "", ""),
    ("remote_port", 36, 4, "n", "", ""),
    ("local_ip4", 40, 4, "n", "", ""),
    ("local_ip6", 44, 16, "n", "", ""),
    ("local_port", 60, 4, "n", "", ""),
    ("ingress_ifindex", 64, 4, "n", "", ""),
)

_SOCK_ADDR: tuple[_Row, ...] = (
    ("user_family", 0, 4, "f4", "", ""),
    ("user_ip4", 4, 4, "n", "f4", ""),
    ("user_ip6", 8, 16, "w", "w48", ""),
    ("user_port", 24, 4, "n", "f4", ""),
    ("family", 28, 4, "f4", "", ""),
    ("type", 32, 4, "f4", "", ""),
    ("protocol", 36, 4, "f4", "", ""),
    ("msg_src_ip4", 40, 4, "n", "f4", ""),
    ("msg_src_ip6", 44, 16, "w", "w48", ""),
    ("sk", 64, 8, "f8", "", "sock"),
)

_PT_REGS_X86: tuple[_Row, ...] = (
    ("r15", 0, 8, "w", "", ""),
    ("r14", 8, 8, "w", "", ""),
    ("r13", 16, 8, "w", "", ""),
    ("r12", 24, 8, "w", "", ""),
    ("bp", 32, 8, "w", "", ""),
    ("bx", 40, 8, "w", "", ""),
    ("r11", 48, 8, "w", "", ""),
    ("r10", 56, 8, "w", "", ""),
    ("r9", 64, 8, "w", "", ""),
    ("r8", 72, 8, "w", "", ""),
    ("ax", 80, 8, "w", "", ""),
    ("cx", 88, 8, "w", "", ""),
    ("dx", 96, 8, "w", "", ""),
    ("si", 104, 8, "w", "", ""),
    ("di", 112, 8, "w", "", ""),
    ("orig_ax", 120, 8, "w", "", ""),
    ("ip", 128, 8, "w", "", ""),
    ("cs", 136, 8, "w", "", ""),
    ("flags", 144, 8, "w", "", ""),
    ("sp", 152, 8, "w", "", ""),
    ("ss", 160, 8, "w", "", ""),
)

_NETFILTER: tuple[_Row, ...] = (
    ("state", 0, 8, "f8", "", "btf:nf_hook_state"),
    ("skb", 8, 8, "f8", "", "btf:sk_buff"),
)

# Memory that some contexts point to: bpf_sock as an object (not a context), bpf_tcp_sock, the flow
# keys, and xdp_sock. Read only but for the flow keys; any aligned part (bpf_sock: see _SOCK).
_FLOW_KEYS_SIZE = 56
_TCP_SOCK_SIZE = 112

_SKB = (
    "len pkt_type queue_mapping protocol vlan_present vlan_tci vlan_proto priority ingress_ifindex"
    " ifindex tc_index cb hash napi_id gso_segs sk gso_size "
)
_ADDRESSES = "family remote_ip4 local_ip4 remote_ip6 local_ip6 remote_port local_port "
_PKT = "mark data data_end "
_LWT = _SKB + _PKT
_TC = _SKB + _PKT + "data_meta tc_classid tstamp wire_len tstamp_type hwtstamp"

# program type -> (rows, readable fields, writable fields); "*" is every field of the rows.
_TYPES: dict[int, tuple[tuple[_Row, ...], str, str]] = {
    ProgType.SOCKET_FILTER: (_SK_BUFF, _SKB + "mark", "cb"),
    ProgType.SCHED_CLS: (
        _SK_BUFF,
        _TC,
        "mark queue_mapping priority tc_index cb tc_classid tstamp",
    ),
    ProgType.SCHED_ACT: (
        _SK_BUFF,
        _TC,
        "mark queue_mapping priority tc_index cb tc_classid tstamp",
    ),
    ProgType.CGROUP_SKB: (
        _SK_BUFF,
        _SKB + _PKT + _ADDRESSES + "tstamp hwtstamp",
        "mark priority cb tstamp",
    ),
    ProgType.LWT_IN: (_SK_BUFF, _LWT, "mark priority cb"),
    ProgType.LWT_OUT: (_SK_BUFF, _LWT, "mark priority cb"),
    ProgType.LWT_XMIT: (_SK_BUFF, _LWT, "mark priority cb"),
    ProgType.LWT_SEG6LOCAL: (_SK_BUFF, _LWT, "mark priority cb"),
    ProgType.SK_SKB: (_SK_BUFF, _SKB + "data data_end " + _ADDRESSES, "priority tc_index"),
    ProgType.FLOW_DISSECTOR: (_SK_BUFF, "data data_end flow_keys", ""),
    ProgType.XDP: (_XDP_MD, "data data_end data_meta ingress_ifindex rx_queue_index", ""),
    ProgType.PERF_EVENT: (_PERF_EVENT, "*", ""),
    ProgType.KPROBE: (_PT_REGS_X86, "*", ""),
    ProgType.CGROUP_SOCK: (
        _SOCK,
        "family type protocol dst_port dst_ip4 dst_ip6 state rx_queue_mapping",
        "",
    ),
    ProgType.SOCK_OPS: (_SOCK_OPS, "*", "args sk_txhash"),
    ProgType.CGROUP_DEVICE: (_CGROUP_DEV, "*", ""),
    ProgType.SK_MSG: (_SK_MSG, "*", ""),
    ProgType.SK_REUSEPORT: (_SK_REUSEPORT, "*", ""),
    ProgType.CGROUP_SYSCTL: (_SYSCTL, "*", "file_pos"),
    ProgType.CGROUP_SOCKOPT: (_SOCKOPT, "sk optval optval_end level optname optlen", "optlen"),
    ProgType.SK_LOOKUP: (_SK_LOOKUP, "*", ""),
    ProgType.CGROUP_SOCK_ADDR: (
        _SOCK_ADDR,
        "user_family user_port family type protocol sk",
        "user_port",
    ),
    ProgType.NETFILTER: (_NETFILTER, "*", ""),
}

_V4 = ("user_ip4", "user_ip4")
_V6 = ("user_ip6", "user_ip6")
# (program type, attach type) -> further readable and writable fields.
_BY_ATTACH: dict[tuple[int, int], tuple[str, str]] = {
    (ProgType.XDP, AttachType.XDP_DEVMAP): ("egress_ifindex", ""),
    (ProgType.CGROUP_SOCK, AttachType.CGROUP_INET_SOCK_CREATE): (
        "bound_dev_if mark priority",
        "bound_dev_if mark priority",
    ),
    (ProgType.CGROUP_SOCK, AttachType.CGROUP_INET_SOCK_RELEASE): (
        "bound_dev_if mark priority",
        "bound_dev_if mark priority",
    ),
    (ProgType.CGROUP_SOCK, AttachType.CGROUP_INET4_POST_BIND): ("src_ip4 src_port", ""),
    (ProgType.CGROUP_SOCK, AttachType.CGROUP_INET6_POST_BIND): ("src_ip6 src_port", ""),
    (ProgType.CGROUP_SOCKOPT, AttachType.CGROUP_GETSOCKOPT): ("retval", "retval"),
    (ProgType.CGROUP_SOCKOPT, AttachType.CGROUP_SETSOCKOPT): ("", "level optname"),
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_BIND): _V4,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT): _V4,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP4_RECVMSG): _V4,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_GETPEERNAME): _V4,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_GETSOCKNAME): _V4,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP4_SENDMSG): (
        "user_ip4 msg_src_ip4",
        "user_ip4 msg_src_ip4",
    ),
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET6_BIND): _V6,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET6_CONNECT): _V6,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP6_RECVMSG): _V6,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET6_GETPEERNAME): _V6,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET6_GETSOCKNAME): _V6,
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP6_SENDMSG): (
        "user_ip6 msg_src_ip6",
        "user_ip6 msg_src_ip6",
    ),
}

# Contexts that are plain bytes: program type -> (first offset, end, writable, aligned).
FLAT: dict[int, tuple[int, int, bool]] = {
    ProgType.TRACEPOINT: (8, 8192, False),
    ProgType.RAW_TRACEPOINT: (0, 96, False),
    ProgType.RAW_TRACEPOINT_WRITABLE: (0, 96, False),
    ProgType.SYSCALL: (0, 0xFFFF, True),
}

# Size of the context where rows name fields (kernel: the struct's size).
SIZES: dict[str, int] = {
    "__sk_buff": 192,
    "xdp_md": 24,
    "bpf_perf_event_data": 184,
    "pt_regs": 168,
    "bpf_sock": 80,
    "bpf_sock_ops": 224,
    "bpf_cgroup_dev_ctx": 12,
    "sk_msg_md": 80,
    "sk_reuseport_md": 56,
    "bpf_sysctl": 8,
    "bpf_sockopt": 40,
    "bpf_sk_lookup": 72,
    "bpf_sock_addr": 72,
    "bpf_nf_ctx": 16,
    "bpf_flow_keys": _FLOW_KEYS_SIZE,
    "bpf_tcp_sock": _TCP_SOCK_SIZE,
    "bpf_raw_tracepoint_args": 96,
}


class Field:
    """One field of a context; offsets and sizes in bytes, ``read`` and ``write`` as above."""

    __slots__ = ("name", "offset", "pointer", "read", "size", "write")

    def __init__(self, row: _Row, *, readable: bool = True, writable: bool = True) -> None:
        self.name, self.offset, self.size, read, write, self.pointer = row
        self.read = read if readable else ""
        self.write = write if writable else ""

    def allows(self, offset: int, size: int, *, write: bool) -> bool:
        """Tell whether ``size`` bytes at context offset ``offset`` may be accessed."""
        mode = self.write if write else self.read
        rel = offset - self.offset
        if not mode or rel < 0 or rel + size > self.size:
            return False
        if "." in mode:
            return f"{rel}.{size}" in mode.split()
        if mode == "f4":
            return size == 4 and rel % 4 == 0
        if mode == "f8":
            return size == 8 and rel % 8 == 0
        if mode == "l":
            return rel == 0
        if offset % size:
            return False
        if mode == "n":
            return size <= 4
        if mode == "w48":
            return size >= 4
        return True


def fields(prog_type: int, attach_type: int = 0) -> list[Field]:
    """Return the context's fields with what programs of this type may do; [] if it has none."""
    row = _TYPES.get(prog_type)
    if row is None:
        return []
    rows, readable, writable = row
    more_read, more_write = _BY_ATTACH.get((prog_type, attach_type), ("", ""))
    read = (readable + " " + more_read).split()
    write = (writable + " " + more_write).split()
    return [
        Field(one, readable="*" in read or one[0] in read, writable=one[0] in write) for one in rows
    ]


def sock_fields() -> list[Field]:
    """Return the fields of ``struct bpf_sock`` behind a socket pointer: read only, all of them."""
    return [Field(row, writable=False) for row in _SOCK]


def find(some: list[Field], offset: int) -> Field | None:
    """Return the field of ``some`` that covers ``offset``, or None."""
    for field in some:
        if field.offset <= offset < field.offset + field.size:
            return field
    return None
