"""Hanging loaded programs on events.

Each function returns a ``Link``: closing it takes the program off again (so does the end of the
process), unless it was pinned.
"""

from __future__ import annotations

import errno
import os
import socket
import struct

from ..uapi.map_types import MapType
from ..uapi.prog_types import AttachType, ProgType
from . import perf, syscall, tracefs, uprobes
from .ksyms import KernelSymbols
from .maps import Map
from .programs import Prog
from .struct_ops import StructOpsMap
from .syscall import Descriptor, KernelError, address, bpf, buffer_of
from .vmlinux import has_tracepoint

_SO_ATTACH_BPF = 50
XDP_SKB_MODE, XDP_DRV_MODE, XDP_HW_MODE = 2, 4, 8
_F_UPROBE_MULTI_RETURN = 1


class Link(Descriptor):
    """An attachment; ``extra`` are further descriptors that live as long as it."""

    def __init__(self, fd: int, what: str, extra: list[Descriptor] | None = None) -> None:
        super().__init__(fd)
        self.what = what
        self._extra = extra or []

    def close(self) -> None:
        """Detach."""
        super().close()
        for held in self._extra:
            held.close()

    def pin(self, path: str) -> None:
        """Keep the program attached after the process ends, under a name in a bpf file system."""
        syscall.pin(self.fd, path)

    def __repr__(self) -> str:
        return f"Link({self.what})"


def attach(prog: Prog, event: str = "", *, frequency: int = 99) -> Link:
    """Attach ``prog`` where its section name says, or to ``event`` where that is given.

    ``event`` is "GROUP:NAME" or what would stand after the slash of a section name; for XDP and tc
    programs the interface's name, for cgroup programs the folder. ``frequency`` is of perf_event
    sampling, in Hz.
    Raises: KernelError when it cannot be attached, or is of a kind that has no place of its own
    (socket filters: ``attach_socket``).
    """
    section = prog.section
    target = event or section.target
    kind = section.pattern.rstrip("+/").removesuffix(".s")
    if prog.type in (ProgType.RAW_TRACEPOINT, ProgType.RAW_TRACEPOINT_WRITABLE):
        group, _, name = _need(prog, target).replace("/", ":").rpartition(":")
        tracefs.check_group(group, name)
        return attach_raw_tracepoint(prog, name)
    if prog.type == ProgType.TRACEPOINT:
        group, _, name = _need(prog, target).replace("/", ":").partition(":")
        return attach_tracepoint(prog, group, name)
    if prog.type == ProgType.TRACING and section.attach_type == AttachType.TRACE_ITER:
        return attach_iterator(prog)
    if prog.type in (ProgType.TRACING, ProgType.LSM, ProgType.EXT):
        if section.attach_type == AttachType.LSM_CGROUP:
            return attach_cgroup(prog, _need(prog, event))
        return attach_tracing(prog)
    if prog.type == ProgType.PERF_EVENT:
        return attach_sampling(prog, frequency=frequency)
    if prog.type == ProgType.KPROBE:
        return _attach_probe(prog, kind, _need(prog, target))
    if prog.type == ProgType.XDP:
        return attach_xdp(prog, _need(prog, event, "interface"))
    if prog.type in (ProgType.SCHED_CLS, ProgType.SCHED_ACT):
        egress = section.attach_type == AttachType.TCX_EGRESS
        return attach_tcx(prog, _need(prog, event, "interface"), egress=egress)
    if section.attach_type_name.startswith("CGROUP") or prog.type in (
        ProgType.CGROUP_SKB,
        ProgType.CGROUP_SOCK,
        ProgType.CGROUP_DEVICE,
    ):
        return attach_cgroup(prog, _need(prog, event, "cgroup"))
    if prog.type in (ProgType.SK_LOOKUP, ProgType.FLOW_DISSECTOR):
        return attach_netns(prog, event or "/proc/self/ns/net")
    raise KernelError(
        f"program {prog.name!r} ({section.prog_type_name}) has no event of its own to attach to"
    )


def _need(prog: Prog, text: str, what: str = "event") -> str:
    if not text:
        raise KernelError(f"program {prog.name!r}: which {what} to attach to must be given")
    return text


def _link_create(
    prog_fd: int, target: int, attach_type: int, what: str, *, flags: int = 0, rest: bytes = b""
) -> Link:
    attr = struct.pack("=IIII", prog_fd, target, attach_type, flags) + rest
    try:
        return Link(bpf(syscall.LINK_CREATE, attr)[0], what)
    except KernelError as error:
        raise KernelError(
            f"cannot attach to {what}: {_attach_words(error)}", error.errno, error.command
        ) from None


def _attach_words(error: KernelError) -> str:
    if error.errno in (errno.EOPNOTSUPP, 524):
        return "this kernel does not support attaching there"
    if error.errno == errno.EBUSY:
        return "another program is attached there already"
    return str(error)


# Tracing -----------------------------------------------------------------------------------


def attach_raw_tracepoint(prog: Prog, name: str, *, cookie: int = 0) -> Link:
    """Attach to raw tracepoint ``name`` (without a group)."""
    text = buffer_of(name.encode() + b"\0")
    try:
        attr = struct.pack("=QI4xQ", address(text), prog.fd, cookie)
        return Link(bpf(syscall.RAW_TRACEPOINT_OPEN, attr)[0], f"raw tracepoint {name}")
    except KernelError as error:
        known = has_tracepoint(name)
        if error.errno == errno.ENOENT or not known:
            near = tracefs.near("", name)
            raise KernelError(
                f"this kernel has no tracepoint {name!r}{near}", errno.ENOENT
            ) from None
        if error.errno == errno.EINVAL:
            raise KernelError(
                f"program {prog.name!r} reads more arguments than tracepoint {name!r} has",
                errno.EINVAL,
            ) from None
        raise KernelError(
            f"cannot attach to raw tracepoint {name}: {error}", error.errno, error.command
        ) from None


def attach_tracing(prog: Prog) -> Link:
    """Attach a tp_btf, fentry, fexit, fmod_ret, lsm or freplace program where it was loaded for."""
    what = f"{prog.section.pattern.rstrip('+')}/{prog.section.target}"
    try:
        attr = struct.pack("=QI4xQ", 0, prog.fd, 0)
        return Link(bpf(syscall.RAW_TRACEPOINT_OPEN, attr)[0], what)
    except KernelError as error:
        raise KernelError(
            f"cannot attach to {what}: {_attach_words(error)}", error.errno, error.command
        ) from None


def attach_tracepoint(prog: Prog, group: str, name: str, *, cookie: int = 0) -> Link:
    """Attach to event ``group:name`` of tracefs."""
    number = tracefs.tracepoint_id(group, name)
    what = f"tracepoint {group}:{name}"
    return _attach_perf(prog, _open(perf.TYPE_TRACEPOINT, number, what), what, cookie)


def attach_sampling(
    prog: Prog, *, frequency: int = 99, type: int = perf.TYPE_SOFTWARE, config: int = 0
) -> Link:
    """Run ``prog`` ``frequency`` times a second on each CPU (CPU clock unless told otherwise)."""
    links: list[Descriptor] = []
    try:
        for cpu in syscall.online_cpus():
            what = f"sampling at {frequency} Hz on CPU {cpu}"
            fd = _open(type, config, what, cpu=cpu, frequency=frequency)
            links.append(_attach_perf(prog, fd, what, 0))
    except BaseException:
        for held in links:
            held.close()
        raise
    first = links.pop(0)
    assert isinstance(first, Link)
    first._extra += links
    return first


def _open(type: int, config: int, what: str, *, cpu: int = 0, frequency: int = 0) -> int:
    try:
        period = 0 if frequency else 1
        return perf.open_event(type, config, cpu=cpu, frequency=frequency, period=period)
    except OSError as error:
        raise KernelError(f"cannot open {what}: {error.strerror}", error.errno or 0) from None


def _attach_perf(prog: Prog, event_fd: int, what: str, cookie: int) -> Link:
    """Attach to an open perf event, which the link then owns."""
    event = Descriptor(event_fd)
    attach_type = AttachType.PERF_EVENT
    try:
        link = _link_create(prog.fd, event_fd, attach_type, what, rest=struct.pack("=Q", cookie))
        perf.start(event_fd)
    except KernelError as error:
        if error.errno == errno.EACCES and prog.type == ProgType.TRACEPOINT:
            event.close()
            raise KernelError(
                f"program {prog.name!r} reads past the end of the record of {what}", errno.EACCES
            ) from None
        if error.errno != errno.EINVAL or cookie:
            event.close()
            raise
        # Before Linux 5.15 there were no links for perf events.
        try:
            perf.enable(event_fd, prog.fd)
        except OSError as failure:
            event.close()
            raise KernelError(
                f"cannot attach to {what}: {failure.strerror}", failure.errno or 0
            ) from None
        return Link(os.dup(event_fd), what, [event])
    link._extra.append(event)
    return link


def _attach_probe(prog: Prog, kind: str, target: str) -> Link:
    at_return = "ret" in kind
    if kind.startswith(("uprobe", "uretprobe")):
        path, _, place = target.partition(":")
        if ".multi" in kind:
            return attach_uprobe_multi(prog, path, [place], at_return=at_return)
        return attach_uprobe(prog, path, place, at_return=at_return)
    if kind.startswith("usdt"):
        raise KernelError("USDT probes need their notes resolved; attach to the address instead")
    function, _, distance = target.partition("+")
    if kind in ("ksyscall", "kretsyscall"):
        function = syscall_function(function)
    return attach_kprobe(prog, function, int(distance or "0", 0), at_return=at_return)


def syscall_function(name: str) -> str:
    """Return the kernel function that implements system call ``name``."""
    machine = {"x86_64": "x64", "aarch64": "arm64", "s390x": "s390x", "riscv64": "riscv"}
    wrapped = f"__{machine.get(os.uname().machine, '')}_sys_{name}"
    symbols = KernelSymbols()
    for candidate in (wrapped, f"__se_sys_{name}", f"sys_{name}"):
        if symbols.has(candidate):
            return candidate
    raise KernelError(f"this kernel has no system call {name!r}")


def attach_kprobe(
    prog: Prog, function: str, offset: int = 0, *, at_return: bool = False, cookie: int = 0
) -> Link:
    """Attach to kernel function ``function``, ``offset`` bytes in, or to its return."""
    what = f"{'kretprobe' if at_return else 'kprobe'} {function}" + (f"+{offset}" if offset else "")
    fd = perf.open_probe("kprobe", function, offset, at_return=at_return)
    return _attach_perf(prog, fd, what, cookie)


def attach_uprobe(
    prog: Prog,
    path: str,
    place: str | int,
    *,
    at_return: bool = False,
    pid: int = -1,
    cookie: int = 0,
) -> Link:
    """Attach to a function of a program or library file.

    ``place``: "symbol", "symbol+0x10", or an offset in the file. ``pid``: only that process.
    """
    offset = uprobes.file_offset(path, place) if isinstance(place, str) else place
    what = f"{'uretprobe' if at_return else 'uprobe'} {path}:{place}"
    fd = perf.open_probe("uprobe", path, offset, at_return=at_return, pid=pid)
    return _attach_perf(prog, fd, what, cookie)


def attach_uprobe_multi(
    prog: Prog,
    path: str,
    places: list[str],
    *,
    at_return: bool = False,
    pid: int = 0,
    cookies: list[int] | None = None,
) -> Link:
    """Attach to many functions of one file at once (Linux 6.6); for "uprobe.multi" programs."""
    count = len(places)
    offsets = struct.pack(f"={count}Q", *(uprobes.file_offset(path, place) for place in places))
    text, table = buffer_of(os.fsencode(path) + b"\0"), buffer_of(offsets)
    cookie_table = buffer_of(struct.pack(f"={count}Q", *cookies)) if cookies else None
    flags = _F_UPROBE_MULTI_RETURN if at_return else 0
    rest = struct.pack(
        "=QQQQIII",
        address(text),
        address(table),
        0,
        address(cookie_table),
        count,
        flags,
        pid,
    )
    attach_type = prog.section.expected_attach or AttachType.TRACE_UPROBE_MULTI
    return _link_create(prog.fd, 0, attach_type, f"{count} functions of {path}", rest=rest)


def attach_iterator(prog: Prog, target: Map | None = None) -> Link:
    """Make a link for an iterator program, over ``target``'s elements if it takes a map.

    ``read_iterator`` runs it.
    """
    info = buffer_of(struct.pack("=I12x", target.fd)) if target is not None else None
    rest = struct.pack("=QI", address(info), 16 if info is not None else 0)
    return _link_create(
        prog.fd, 0, AttachType.TRACE_ITER, f"iterator {prog.section.target}", rest=rest
    )


def read_iterator(link: Link) -> bytes:
    """Run an iterator once and return all that it printed."""
    fd, _ = bpf(syscall.ITER_CREATE, struct.pack("=II", link.fd, 0))
    chunks: list[bytes] = []
    with Descriptor(fd):
        while True:
            try:
                chunk = os.read(fd, 1 << 16)
            except BlockingIOError:
                continue
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)


# Network and cgroups -----------------------------------------------------------------------


def _interface(name: str | int) -> int:
    if isinstance(name, int):
        return name
    try:
        return socket.if_nametoindex(name)
    except OSError:
        known = ", ".join(name for _, name in socket.if_nameindex())
        raise KernelError(f"there is no network interface {name!r} (there are {known})") from None


def attach_xdp(prog: Prog, interface: str | int, *, flags: int = XDP_SKB_MODE) -> Link:
    """Attach to an interface's receive path (in generic mode, which every driver has)."""
    what = f"XDP on {interface}"
    return _link_create(prog.fd, _interface(interface), AttachType.XDP, what, flags=flags)


def attach_tcx(prog: Prog, interface: str | int, *, egress: bool = False) -> Link:
    """Attach to an interface's traffic control (tcx, Linux 6.6), at the end of the chain."""
    direction = "egress" if egress else "ingress"
    attach_type = AttachType.TCX_EGRESS if egress else AttachType.TCX_INGRESS
    return _link_create(
        prog.fd,
        _interface(interface),
        attach_type,
        f"{direction} of {interface}",
        rest=struct.pack("=I4xQ", 0, 0),
    )


def attach_cgroup(prog: Prog, path: str, *, attach_type: int | None = None) -> Link:
    """Attach to the cgroup (version 2) whose folder is ``path``."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise KernelError(
            f"cannot open cgroup {path}: {error.strerror}", error.errno or 0
        ) from None
    with Descriptor(fd):
        kind = prog.section.expected_attach if attach_type is None else attach_type
        return _link_create(prog.fd, fd, kind, f"cgroup {path}")


def attach_netns(prog: Prog, path: str = "/proc/self/ns/net") -> Link:
    """Attach a sk_lookup or flow_dissector program to a network namespace."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise KernelError(f"cannot open {path}: {error.strerror}", error.errno or 0) from None
    with Descriptor(fd):
        return _link_create(prog.fd, fd, prog.section.expected_attach, f"namespace {path}")


def attach_socket(prog: Prog, sock: socket.socket) -> None:
    """Make ``prog`` the filter of a socket; it stays until the socket is closed."""
    option = getattr(socket, "SO_ATTACH_BPF", _SO_ATTACH_BPF)
    try:
        sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("=i", prog.fd))
    except OSError as error:
        raise KernelError(
            f"cannot attach {prog.name!r} to the socket: {error.strerror}", error.errno or 0
        ) from None


def attach_map(prog: Prog, target: Map) -> None:
    """Attach a sk_skb or sk_msg program to a sockmap; it stays until the map is gone."""
    attr = struct.pack("=IIII", target.fd, prog.fd, prog.section.expected_attach, 0)
    try:
        bpf(syscall.PROG_ATTACH, attr)
    except KernelError as error:
        raise KernelError(
            f"cannot attach {prog.name!r} to map {target.name!r}: {error}", error.errno
        ) from None


class _Registration(Link):
    """A struct_ops interface without a link: taken back by deleting the map's element."""

    def __init__(self, target: StructOpsMap) -> None:
        super().__init__(os.dup(target.fd), f"struct_ops {target.name}")

    def close(self) -> None:
        if self.fd >= 0:
            with Map(os.dup(self.fd), self.what, MapType.STRUCT_OPS, 4, 0, 1) as held:
                held.delete(bytes(4))
        super().close()


def attach_struct_ops(target: Map) -> Link:
    """Register a struct_ops interface with the kernel for as long as the link lives."""
    if not isinstance(target, StructOpsMap):
        raise KernelError(f"map {target.name!r} is no struct_ops interface")
    try:
        target.update(bytes(4), target.contents)
    except KernelError as error:
        raise KernelError(
            f"the kernel does not accept struct_ops {target.name!r}: {_attach_words(error)}",
            error.errno,
        ) from None
    if not target.link:
        return _Registration(target)
    return _link_create(target.fd, 0, AttachType.STRUCT_OPS, f"struct_ops {target.name}")
