"""SEC() names: which program type, attach type and flags each stands for.

Rows are libbpf's section table (tools/lib/bpf/libbpf.c, ``section_defs``). A name that ends in "+"
in a row stands alone or before "/something" ("kprobe+" matches "kprobe" and "kprobe/x", not
"kprobes"); any other matches exactly.

Besides, the tracing dialect's "events/GROUP/NAME" (a raw tracepoint) and "events/kprobes/FUNC".
"""

from __future__ import annotations

from .prog_types import ATTACH_TYPE_NAMES, PROG_TYPE_NAMES, AttachType, ProgType

# (name, program type, attach type or "", flags)
#   sleep: sleepable; btf: attaches to a kernel BTF id named after the slash; frags: XDP
#   multi-buffer; attach: the attach type must be given at load; opt: it may be.
_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("socket", "SOCKET_FILTER", "", ""),
    ("sk_reuseport/migrate", "SK_REUSEPORT", "SK_REUSEPORT_SELECT_OR_MIGRATE", "attach"),
    ("sk_reuseport", "SK_REUSEPORT", "SK_REUSEPORT_SELECT", "attach"),
    ("kprobe+", "KPROBE", "", ""),
    ("uprobe+", "KPROBE", "", ""),
    ("uprobe.s+", "KPROBE", "", "sleep"),
    ("kretprobe+", "KPROBE", "", ""),
    ("uretprobe+", "KPROBE", "", ""),
    ("uretprobe.s+", "KPROBE", "", "sleep"),
    ("kprobe.multi+", "KPROBE", "TRACE_KPROBE_MULTI", ""),
    ("kretprobe.multi+", "KPROBE", "TRACE_KPROBE_MULTI", ""),
    ("kprobe.session+", "KPROBE", "TRACE_KPROBE_SESSION", ""),
    ("uprobe.multi+", "KPROBE", "TRACE_UPROBE_MULTI", ""),
    ("uretprobe.multi+", "KPROBE", "TRACE_UPROBE_MULTI", ""),
    ("uprobe.session+", "KPROBE", "TRACE_UPROBE_SESSION", ""),
    ("uprobe.multi.s+", "KPROBE", "TRACE_UPROBE_MULTI", "sleep"),
    ("uretprobe.multi.s+", "KPROBE", "TRACE_UPROBE_MULTI", "sleep"),
    ("uprobe.session.s+", "KPROBE", "TRACE_UPROBE_SESSION", "sleep"),
    ("ksyscall+", "KPROBE", "", ""),
    ("kretsyscall+", "KPROBE", "", ""),
    ("usdt+", "KPROBE", "TRACE_UPROBE_MULTI", "opt"),
    ("usdt.s+", "KPROBE", "TRACE_UPROBE_MULTI", "opt sleep"),
    ("tc/ingress", "SCHED_CLS", "TCX_INGRESS", ""),
    ("tc/egress", "SCHED_CLS", "TCX_EGRESS", ""),
    ("tcx/ingress", "SCHED_CLS", "TCX_INGRESS", ""),
    ("tcx/egress", "SCHED_CLS", "TCX_EGRESS", ""),
    ("tc", "SCHED_CLS", "", ""),
    ("classifier", "SCHED_CLS", "", ""),
    ("action", "SCHED_ACT", "", ""),
    ("netkit/primary", "SCHED_CLS", "NETKIT_PRIMARY", ""),
    ("netkit/peer", "SCHED_CLS", "NETKIT_PEER", ""),
    ("tracepoint+", "TRACEPOINT", "", ""),
    ("tp+", "TRACEPOINT", "", ""),
    ("raw_tracepoint+", "RAW_TRACEPOINT", "", ""),
    ("raw_tp+", "RAW_TRACEPOINT", "", ""),
    ("raw_tracepoint.w+", "RAW_TRACEPOINT_WRITABLE", "", ""),
    ("raw_tp.w+", "RAW_TRACEPOINT_WRITABLE", "", ""),
    ("tp_btf+", "TRACING", "TRACE_RAW_TP", "btf"),
    ("fentry+", "TRACING", "TRACE_FENTRY", "btf"),
    ("fmod_ret+", "TRACING", "MODIFY_RETURN", "btf"),
    ("fexit+", "TRACING", "TRACE_FEXIT", "btf"),
    ("fentry.s+", "TRACING", "TRACE_FENTRY", "btf sleep"),
    ("fmod_ret.s+", "TRACING", "MODIFY_RETURN", "btf sleep"),
    ("fexit.s+", "TRACING", "TRACE_FEXIT", "btf sleep"),
    ("freplace+", "EXT", "", "btf"),
    ("lsm+", "LSM", "LSM_MAC", "btf"),
    ("lsm.s+", "LSM", "LSM_MAC", "btf sleep"),
    ("lsm_cgroup+", "LSM", "LSM_CGROUP", "btf"),
    ("iter+", "TRACING", "TRACE_ITER", "btf"),
    ("iter.s+", "TRACING", "TRACE_ITER", "btf sleep"),
    ("syscall", "SYSCALL", "", "sleep"),
    ("xdp.frags/devmap", "XDP", "XDP_DEVMAP", "frags"),
    ("xdp/devmap", "XDP", "XDP_DEVMAP", "attach"),
    ("xdp.frags/cpumap", "XDP", "XDP_CPUMAP", "frags"),
    ("xdp/cpumap", "XDP", "XDP_CPUMAP", "attach"),
    ("xdp.frags", "XDP", "XDP", "frags"),
    ("xdp", "XDP", "XDP", "opt"),
    ("perf_event", "PERF_EVENT", "", ""),
    ("lwt_in", "LWT_IN", "", ""),
    ("lwt_out", "LWT_OUT", "", ""),
    ("lwt_xmit", "LWT_XMIT", "", ""),
    ("lwt_seg6local", "LWT_SEG6LOCAL", "", ""),
    ("sockops", "SOCK_OPS", "CGROUP_SOCK_OPS", "opt"),
    ("sk_skb/stream_parser", "SK_SKB", "SK_SKB_STREAM_PARSER", "opt"),
    ("sk_skb/stream_verdict", "SK_SKB", "SK_SKB_STREAM_VERDICT", "opt"),
    ("sk_skb/verdict", "SK_SKB", "SK_SKB_VERDICT", "opt"),
    ("sk_skb", "SK_SKB", "", ""),
    ("sk_msg", "SK_MSG", "SK_MSG_VERDICT", "opt"),
    ("lirc_mode2", "LIRC_MODE2", "LIRC_MODE2", "opt"),
    ("flow_dissector", "FLOW_DISSECTOR", "FLOW_DISSECTOR", "opt"),
    ("cgroup_skb/ingress", "CGROUP_SKB", "CGROUP_INET_INGRESS", "opt"),
    ("cgroup_skb/egress", "CGROUP_SKB", "CGROUP_INET_EGRESS", "opt"),
    ("cgroup/skb", "CGROUP_SKB", "", ""),
    ("cgroup/sock_create", "CGROUP_SOCK", "CGROUP_INET_SOCK_CREATE", "attach"),
    ("cgroup/sock_release", "CGROUP_SOCK", "CGROUP_INET_SOCK_RELEASE", "attach"),
    ("cgroup/sock", "CGROUP_SOCK", "CGROUP_INET_SOCK_CREATE", "opt"),
    ("cgroup/post_bind4", "CGROUP_SOCK", "CGROUP_INET4_POST_BIND", "attach"),
    ("cgroup/post_bind6", "CGROUP_SOCK", "CGROUP_INET6_POST_BIND", "attach"),
    ("cgroup/bind4", "CGROUP_SOCK_ADDR", "CGROUP_INET4_BIND", "attach"),
    ("cgroup/bind6", "CGROUP_SOCK_ADDR", "CGROUP_INET6_BIND", "attach"),
    ("cgroup/connect4", "CGROUP_SOCK_ADDR", "CGROUP_INET4_CONNECT", "attach"),
    ("cgroup/connect6", "CGROUP_SOCK_ADDR", "CGROUP_INET6_CONNECT", "attach"),
    ("cgroup/connect_unix", "CGROUP_SOCK_ADDR", "CGROUP_UNIX_CONNECT", "attach"),
    ("cgroup/sendmsg4", "CGROUP_SOCK_ADDR", "CGROUP_UDP4_SENDMSG", "attach"),
    ("cgroup/sendmsg6", "CGROUP_SOCK_ADDR", "CGROUP_UDP6_SENDMSG", "attach"),
    ("cgroup/sendmsg_unix", "CGROUP_SOCK_ADDR", "CGROUP_UNIX_SENDMSG", "attach"),
    ("cgroup/recvmsg4", "CGROUP_SOCK_ADDR", "CGROUP_UDP4_RECVMSG", "attach"),
    ("cgroup/recvmsg6", "CGROUP_SOCK_ADDR", "CGROUP_UDP6_RECVMSG", "attach"),
    ("cgroup/recvmsg_unix", "CGROUP_SOCK_ADDR", "CGROUP_UNIX_RECVMSG", "attach"),
    ("cgroup/getpeername4", "CGROUP_SOCK_ADDR", "CGROUP_INET4_GETPEERNAME", "attach"),
    ("cgroup/getpeername6", "CGROUP_SOCK_ADDR", "CGROUP_INET6_GETPEERNAME", "attach"),
    ("cgroup/getpeername_unix", "CGROUP_SOCK_ADDR", "CGROUP_UNIX_GETPEERNAME", "attach"),
    ("cgroup/getsockname4", "CGROUP_SOCK_ADDR", "CGROUP_INET4_GETSOCKNAME", "attach"),
    ("cgroup/getsockname6", "CGROUP_SOCK_ADDR", "CGROUP_INET6_GETSOCKNAME", "attach"),
    ("cgroup/getsockname_unix", "CGROUP_SOCK_ADDR", "CGROUP_UNIX_GETSOCKNAME", "attach"),
    ("cgroup/sysctl", "CGROUP_SYSCTL", "CGROUP_SYSCTL", "attach"),
    ("cgroup/getsockopt", "CGROUP_SOCKOPT", "CGROUP_GETSOCKOPT", "attach"),
    ("cgroup/setsockopt", "CGROUP_SOCKOPT", "CGROUP_SETSOCKOPT", "attach"),
    ("cgroup/dev", "CGROUP_DEVICE", "CGROUP_DEVICE", "opt"),
    ("struct_ops+", "STRUCT_OPS", "", ""),
    ("struct_ops.s+", "STRUCT_OPS", "", "sleep"),
    ("sk_lookup", "SK_LOOKUP", "SK_LOOKUP", "attach"),
    ("netfilter", "NETFILTER", "NETFILTER", ""),
)

# Sections that are no programs.
DATA_SECTIONS = (
    "license", "version", ".maps", "maps", ".ksyms", ".kconfig", ".struct_ops",
    ".struct_ops.link", ".data", ".rodata", ".bss",
)  # fmt: skip


class Section:
    """What a SEC name means.

    ``prog_type`` and ``attach_type`` are numbers of ``ProgType`` and ``AttachType``;
    ``expected_attach`` is the attach type to give at load (0 when the row has none). ``target``
    is the text after the slash of a "+" row. ``dialect`` marks "events/..." names.
    """

    __slots__ = (
        "attach_btf",
        "attach_type",
        "autoload",
        "dialect",
        "frags",
        "pattern",
        "prog_type",
        "sleepable",
        "target",
    )

    def __init__(
        self, pattern: str, prog_type: int, attach_type: int | None, flags: str, target: str
    ) -> None:
        self.pattern = pattern
        self.prog_type = prog_type
        self.attach_type = attach_type
        self.sleepable = "sleep" in flags
        self.attach_btf = "btf" in flags
        self.frags = "frags" in flags
        self.autoload = True
        self.dialect = False
        self.target = target

    @property
    def expected_attach(self) -> int:
        """The expected_attach_type for BPF_PROG_LOAD."""
        return self.attach_type or 0

    @property
    def prog_type_name(self) -> str:
        """The program type's constant without its prefix, like "SCHED_CLS"."""
        return PROG_TYPE_NAMES[self.prog_type]

    @property
    def attach_type_name(self) -> str:
        """The attach type's constant without its prefix, "" when there is none."""
        return "" if self.attach_type is None else ATTACH_TYPE_NAMES[self.attach_type]

    def __repr__(self) -> str:
        return f"Section({self.pattern!r}, {self.prog_type_name}, {self.target!r})"


def _matches(pattern: str, sec: str) -> bool:
    if pattern.endswith("+"):
        stem = pattern[:-1]
        return sec == stem or sec.startswith(stem + "/")
    return sec == pattern


def match(sec: str) -> Section | None:
    """Return what the section name ``sec`` means, None when libbpf would not know it.

    A leading "?" (libbpf: do not load by default) is understood.
    """
    autoload = True
    if sec.startswith("?"):
        autoload = False
        sec = sec[1:]
    if sec.startswith("events/"):
        found = _dialect(sec)
    else:
        found = None
        for pattern, prog, attach, flags in _ROWS:
            if _matches(pattern, sec):
                target = sec[len(pattern) :] if pattern.endswith("+") else ""
                attach_type: int | None = getattr(AttachType, attach) if attach else None
                found = Section(pattern, getattr(ProgType, prog), attach_type, flags, target)
                break
    if found is not None:
        found.autoload = autoload
    return found


def _dialect(sec: str) -> Section | None:
    """events/GROUP/NAME: a raw tracepoint called NAME; events/kprobes/FUNC: a kprobe."""
    parts = sec.split("/")
    if len(parts) != 3 or not parts[1] or not parts[2]:
        return None
    if parts[1] == "kprobes":
        section = Section("events/kprobes/+", ProgType.KPROBE, None, "", parts[2])
    else:
        section = Section("events/+", ProgType.RAW_TRACEPOINT, None, "", parts[2])
    section.dialect = True
    return section


def is_data(sec: str) -> bool:
    """Tell whether ``sec`` is a section of data, maps or metadata instead of a program."""
    return sec in DATA_SECTIONS or sec.startswith((".data.", ".rodata.", ".bss."))


def known_names() -> list[str]:
    """Return every SEC name, without the "+" of those that take a target."""
    return [row[0].rstrip("+") for row in _ROWS]


def near_names(sec: str, count: int = 3) -> list[str]:
    """Return up to ``count`` known names that ``sec`` may be a misspelling of, best first."""
    from difflib import get_close_matches  # start-up time: only needed for a message

    head, slash, rest = sec.partition("/")
    names = known_names()
    whole = get_close_matches(sec, names, count, 0.75)
    heads = [name + slash + rest for name in get_close_matches(head, names, count, 0.6)]
    out: list[str] = []
    for name in whole + heads:
        if name not in out and name != sec and match(name) is not None:
            out.append(name)
    return out[:count]
