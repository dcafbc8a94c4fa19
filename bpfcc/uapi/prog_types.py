"""Program types and attach types, with the kernel version that brought each.

Values are plain integers, those of ``enum bpf_prog_type`` and ``enum bpf_attach_type`` in the
kernel's include/uapi/linux/bpf.h.
"""

from __future__ import annotations


class ProgType:
    """``enum bpf_prog_type``: integer constants."""

    UNSPEC = 0
    SOCKET_FILTER = 1
    KPROBE = 2
    SCHED_CLS = 3
    SCHED_ACT = 4
    TRACEPOINT = 5
    XDP = 6
    PERF_EVENT = 7
    CGROUP_SKB = 8
    CGROUP_SOCK = 9
    LWT_IN = 10
    LWT_OUT = 11
    LWT_XMIT = 12
    SOCK_OPS = 13
    SK_SKB = 14
    CGROUP_DEVICE = 15
    SK_MSG = 16
    RAW_TRACEPOINT = 17
    CGROUP_SOCK_ADDR = 18
    LWT_SEG6LOCAL = 19
    LIRC_MODE2 = 20
    SK_REUSEPORT = 21
    FLOW_DISSECTOR = 22
    CGROUP_SYSCTL = 23
    RAW_TRACEPOINT_WRITABLE = 24
    CGROUP_SOCKOPT = 25
    TRACING = 26
    STRUCT_OPS = 27
    EXT = 28
    LSM = 29
    SK_LOOKUP = 30
    SYSCALL = 31
    NETFILTER = 32


class AttachType:
    """``enum bpf_attach_type``: integer constants."""

    CGROUP_INET_INGRESS = 0
    CGROUP_INET_EGRESS = 1
    CGROUP_INET_SOCK_CREATE = 2
    CGROUP_SOCK_OPS = 3
    SK_SKB_STREAM_PARSER = 4
    SK_SKB_STREAM_VERDICT = 5
    CGROUP_DEVICE = 6
    SK_MSG_VERDICT = 7
    CGROUP_INET4_BIND = 8
    CGROUP_INET6_BIND = 9
    CGROUP_INET4_CONNECT = 10
    CGROUP_INET6_CONNECT = 11
    CGROUP_INET4_POST_BIND = 12
    CGROUP_INET6_POST_BIND = 13
    CGROUP_UDP4_SENDMSG = 14
    CGROUP_UDP6_SENDMSG = 15
    LIRC_MODE2 = 16
    FLOW_DISSECTOR = 17
    CGROUP_SYSCTL = 18
    CGROUP_UDP4_RECVMSG = 19
    CGROUP_UDP6_RECVMSG = 20
    CGROUP_GETSOCKOPT = 21
    CGROUP_SETSOCKOPT = 22
    TRACE_RAW_TP = 23
    TRACE_FENTRY = 24
    TRACE_FEXIT = 25
    MODIFY_RETURN = 26
    LSM_MAC = 27
    TRACE_ITER = 28
    CGROUP_INET4_GETPEERNAME = 29
    CGROUP_INET6_GETPEERNAME = 30
    CGROUP_INET4_GETSOCKNAME = 31
    CGROUP_INET6_GETSOCKNAME = 32
    XDP_DEVMAP = 33
    CGROUP_INET_SOCK_RELEASE = 34
    XDP_CPUMAP = 35
    SK_LOOKUP = 36
    XDP = 37
    SK_SKB_VERDICT = 38
    SK_REUSEPORT_SELECT = 39
    SK_REUSEPORT_SELECT_OR_MIGRATE = 40
    PERF_EVENT = 41
    TRACE_KPROBE_MULTI = 42
    LSM_CGROUP = 43
    STRUCT_OPS = 44
    NETFILTER = 45
    TCX_INGRESS = 46
    TCX_EGRESS = 47
    TRACE_UPROBE_MULTI = 48
    CGROUP_UNIX_CONNECT = 49
    CGROUP_UNIX_SENDMSG = 50
    CGROUP_UNIX_RECVMSG = 51
    CGROUP_UNIX_GETPEERNAME = 52
    CGROUP_UNIX_GETSOCKNAME = 53
    NETKIT_PRIMARY = 54
    NETKIT_PEER = 55
    TRACE_KPROBE_SESSION = 56
    TRACE_UPROBE_SESSION = 57


# One row per program type: (value, kernel version, words for messages, context struct in C).
# Versions: the release in whose include/uapi/linux/bpf.h the constant first stands.
PROG_TYPES: tuple[tuple[int, str, str, str], ...] = (
    (0, "3.18", "unspecified", ""),
    (1, "3.19", "socket filter", "__sk_buff"),
    (2, "4.1", "kprobe", "pt_regs"),
    (3, "4.1", "tc", "__sk_buff"),
    (4, "4.1", "tc action", "__sk_buff"),
    (5, "4.7", "tracepoint", ""),
    (6, "4.8", "xdp", "xdp_md"),
    (7, "4.9", "perf_event", "bpf_perf_event_data"),
    (8, "4.10", "cgroup_skb", "__sk_buff"),
    (9, "4.10", "cgroup/sock", "bpf_sock"),
    (10, "4.10", "lwt_in", "__sk_buff"),
    (11, "4.10", "lwt_out", "__sk_buff"),
    (12, "4.10", "lwt_xmit", "__sk_buff"),
    (13, "4.13", "sockops", "bpf_sock_ops"),
    (14, "4.14", "sk_skb", "__sk_buff"),
    (15, "4.15", "cgroup/dev", "bpf_cgroup_dev_ctx"),
    (16, "4.17", "sk_msg", "sk_msg_md"),
    (17, "4.17", "raw_tracepoint", "bpf_raw_tracepoint_args"),
    (18, "4.17", "cgroup socket address", "bpf_sock_addr"),
    (19, "4.18", "lwt_seg6local", "__sk_buff"),
    (20, "4.18", "lirc_mode2", "__u32"),
    (21, "4.19", "sk_reuseport", "sk_reuseport_md"),
    (22, "4.20", "flow_dissector", "__sk_buff"),
    (23, "5.2", "cgroup/sysctl", "bpf_sysctl"),
    (24, "5.2", "writable raw_tracepoint", "bpf_raw_tracepoint_args"),
    (25, "5.3", "cgroup socket option", "bpf_sockopt"),
    (26, "5.5", "tracing", ""),
    (27, "5.6", "struct_ops", ""),
    (28, "5.6", "freplace", ""),
    (29, "5.7", "lsm", ""),
    (30, "5.9", "sk_lookup", "bpf_sk_lookup"),
    (31, "5.14", "syscall", ""),
    (32, "6.4", "netfilter", "bpf_nf_ctx"),
)

PROG_TYPE_NAMES: dict[int, str] = {
    value: name for name, value in vars(ProgType).items() if type(value) is int
}
ATTACH_TYPE_NAMES: dict[int, str] = {
    value: name for name, value in vars(AttachType).items() if type(value) is int
}

# Attach types that came later than their program type, with the version.
ATTACH_SINCE: dict[int, str] = {
    AttachType.CGROUP_INET4_POST_BIND: "4.17",
    AttachType.CGROUP_INET6_POST_BIND: "4.17",
    AttachType.CGROUP_UDP4_SENDMSG: "4.18",
    AttachType.CGROUP_UDP6_SENDMSG: "4.18",
    AttachType.CGROUP_UDP4_RECVMSG: "5.2",
    AttachType.CGROUP_UDP6_RECVMSG: "5.2",
    AttachType.CGROUP_INET4_GETPEERNAME: "5.8",
    AttachType.CGROUP_INET6_GETPEERNAME: "5.8",
    AttachType.CGROUP_INET4_GETSOCKNAME: "5.8",
    AttachType.CGROUP_INET6_GETSOCKNAME: "5.8",
    AttachType.XDP_DEVMAP: "5.8",
    AttachType.TRACE_ITER: "5.8",
    AttachType.MODIFY_RETURN: "5.7",
    AttachType.CGROUP_INET_SOCK_RELEASE: "5.9",
    AttachType.XDP_CPUMAP: "5.9",
    AttachType.SK_SKB_VERDICT: "5.13",
    AttachType.SK_REUSEPORT_SELECT_OR_MIGRATE: "5.14",
    AttachType.TRACE_KPROBE_MULTI: "5.18",
    AttachType.LSM_CGROUP: "6.0",
    AttachType.TCX_INGRESS: "6.6",
    AttachType.TCX_EGRESS: "6.6",
    AttachType.TRACE_UPROBE_MULTI: "6.6",
    AttachType.CGROUP_UNIX_CONNECT: "6.7",
    AttachType.CGROUP_UNIX_SENDMSG: "6.7",
    AttachType.CGROUP_UNIX_RECVMSG: "6.7",
    AttachType.CGROUP_UNIX_GETPEERNAME: "6.7",
    AttachType.CGROUP_UNIX_GETSOCKNAME: "6.7",
    AttachType.NETKIT_PRIMARY: "6.7",
    AttachType.NETKIT_PEER: "6.7",
    AttachType.TRACE_KPROBE_SESSION: "6.10",
    AttachType.TRACE_UPROBE_SESSION: "6.13",
}


def since(prog_type: int) -> str:
    """Return the kernel version that introduced ``prog_type``, like "4.17"."""
    return PROG_TYPES[prog_type][1]


def words(prog_type: int) -> str:
    """Return how messages call programs of ``prog_type``, like "tc"."""
    return PROG_TYPES[prog_type][2] if 0 <= prog_type < len(PROG_TYPES) else "unknown"


def context_struct(prog_type: int) -> str:
    """Return the name of the struct behind the context pointer, "" when it has none fixed."""
    return PROG_TYPES[prog_type][3]
