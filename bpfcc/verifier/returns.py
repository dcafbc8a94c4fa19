"""The range of return values by program type and attach type.

Source: kernel ``check_return_code``.
"""

from __future__ import annotations

from ..uapi.prog_types import AttachType, ProgType

_ONE_ONLY = frozenset(
    {
        AttachType.CGROUP_UDP4_RECVMSG,
        AttachType.CGROUP_UDP6_RECVMSG,
        AttachType.CGROUP_UNIX_RECVMSG,
        AttachType.CGROUP_INET4_GETPEERNAME,
        AttachType.CGROUP_INET6_GETPEERNAME,
        AttachType.CGROUP_UNIX_GETPEERNAME,
        AttachType.CGROUP_INET4_GETSOCKNAME,
        AttachType.CGROUP_INET6_GETSOCKNAME,
        AttachType.CGROUP_UNIX_GETSOCKNAME,
    }
)

# (program type, attach type or -1 for any, low, high); the first row that fits counts.
_ROWS: tuple[tuple[int, int, int, int], ...] = (
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_BIND, 0, 3),
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET6_BIND, 0, 3),
    (ProgType.CGROUP_SOCK_ADDR, -1, 0, 1),
    (ProgType.CGROUP_SKB, AttachType.CGROUP_INET_EGRESS, 0, 3),
    (ProgType.CGROUP_SKB, -1, 0, 1),
    (ProgType.CGROUP_SOCK, -1, 0, 1),
    (ProgType.SOCK_OPS, -1, 0, 1),
    (ProgType.CGROUP_DEVICE, -1, 0, 1),
    (ProgType.CGROUP_SYSCTL, -1, 0, 1),
    (ProgType.CGROUP_SOCKOPT, -1, 0, 1),
    (ProgType.TRACING, AttachType.TRACE_FENTRY, 0, 0),
    (ProgType.TRACING, AttachType.TRACE_FEXIT, 0, 0),
    (ProgType.TRACING, AttachType.TRACE_ITER, 0, 1),
    (ProgType.KPROBE, AttachType.TRACE_KPROBE_SESSION, 0, 1),
    (ProgType.KPROBE, AttachType.TRACE_UPROBE_SESSION, 0, 1),
    (ProgType.SK_LOOKUP, -1, 0, 1),
    (ProgType.NETFILTER, -1, 0, 1),
)


def allowed(prog_type: int, attach_type: int, kernel: tuple[int, int]) -> tuple[int, int] | None:
    """Return (low, high) of what the program may return, None when anything."""
    if prog_type == ProgType.CGROUP_SOCK_ADDR and attach_type in _ONE_ONLY:
        return 1, 1
    for kind, attach, low, high in _ROWS:
        if kind == prog_type and attach in (-1, attach_type):
            return low, high
    return None
