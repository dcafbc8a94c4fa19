"""A filter in the running kernel: loaded, attached, and looked at from time to time."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

from ..btf.types import BtfType
from ..kernel import attach as kernel_attach
from ..kernel import vmlinux
from ..kernel.ksyms import KernelSymbols
from ..kernel.load import Loader, LoadOptions, load
from ..kernel.maps import Map
from ..kernel.perf import PerfBuffer
from ..kernel.ringbuf import RingBuffer
from ..objfile.model import Object
from ..support.errors import InputError
from ..uapi.map_types import MapType
from ..uapi.prog_types import ProgType
from .btf_source import btf_provider
from .buffers import decode_record, record_type
from .snapshot import Row, Snapshot

# Maps without keys to walk, or whose elements mean nothing to a reader.
_NOT_LISTED = frozenset(
    {
        MapType.PROG_ARRAY,
        MapType.PERF_EVENT_ARRAY,
        MapType.RINGBUF,
        MapType.USER_RINGBUF,
        MapType.QUEUE,
        MapType.STACK,
        MapType.ARRAY_OF_MAPS,
        MapType.HASH_OF_MAPS,
        MapType.CGROUP_ARRAY,
        MapType.DEVMAP,
        MapType.DEVMAP_HASH,
        MapType.CPUMAP,
        MapType.XSKMAP,
        MapType.SOCKMAP,
        MapType.SOCKHASH,
        MapType.REUSEPORT_SOCKARRAY,
        MapType.SK_STORAGE,
        MapType.INODE_STORAGE,
        MapType.TASK_STORAGE,
        MapType.CGRP_STORAGE,
        MapType.BLOOM_FILTER,
        MapType.ARENA,
        MapType.STRUCT_OPS,
        MapType.STACK_TRACE,
    }
)
_HIDDEN_SECTIONS = (".rodata", ".kconfig", "license")
# Programs that need to be told where, if their section does not.
_AT_EVENTS = frozenset(
    {
        ProgType.RAW_TRACEPOINT,
        ProgType.RAW_TRACEPOINT_WRITABLE,
        ProgType.TRACEPOINT,
        ProgType.KPROBE,
    }
)


class TraceOptions:
    """What to attach to, and what of it to show.

    ``events``: "GROUP:NAME", or "PROGRAM=GROUP:NAME" for one program. ``interface`` for XDP, tc and
    socket programs, ``cgroup`` a folder, ``frequency`` of perf_event sampling in Hz.
    ``globals``: values of variables by name. ``maps``: names to show, all for none.
    """

    def __init__(self) -> None:
        self.events: list[str] = []
        self.interface = ""
        self.cgroup = ""
        self.frequency = 99
        self.globals: dict[str, Any] = {}
        self.maps: list[str] = []


class Tracer:
    """A loaded and attached object; a context manager.

    ``attached``: "PROGRAM to EVENT" of each link; ``notes``: remarks about the options.
    Raises (on entry): KernelError or LoadError for what the kernel refuses.
    """

    def __init__(self, obj: Object, options: TraceOptions) -> None:
        self.obj = obj
        self.options = options
        self.event = ",".join(options.events)
        self.symbols = KernelSymbols()
        vmlinux.use_source(btf_provider(None))  # with the cached index of its names
        self.stack = contextlib.ExitStack()
        self.loader: Loader | None = None
        self.buffers: list[tuple[BtfType | None, RingBuffer | PerfBuffer]] = []
        self.attached: list[str] = []
        self.notes: list[str] = []

    def __enter__(self) -> Tracer:
        try:
            self.loader = self.stack.enter_context(
                load(self.obj, LoadOptions(globals=self.options.globals))
            )
            for name in self.options.maps:
                if name not in self.loader.maps:
                    known = ", ".join(self.loader.maps) or "none"
                    raise InputError(f"--map {name}: no such map (there are {known})")
            for name, held in self.loader.maps.items():
                self._open_buffer(name, held)
            self._attach_all(self.loader)
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def _open_buffer(self, name: str, held: Map) -> None:
        buffer: RingBuffer | PerfBuffer
        if held.type == MapType.RINGBUF:
            buffer = RingBuffer(held)
        elif held.type == MapType.PERF_EVENT_ARRAY:
            buffer = PerfBuffer(held)
        else:
            return
        self.stack.callback(buffer.close)
        self.buffers.append((record_type(self.obj, name), buffer))

    def _attach_all(self, loader: Loader) -> None:
        named: dict[str, str] = {}
        general: list[str] = []
        for event in self.options.events:
            program, equals, rest = event.partition("=")
            if equals:
                if program not in loader.programs:
                    known = ", ".join(loader.programs)
                    raise InputError(
                        f"-e {event}: the object has no program '{program}' (it has {known})"
                    )
                named[program] = rest
            else:
                general.append(event)
        used = False
        for name, prog in loader.programs.items():
            if prog.type == ProgType.SOCKET_FILTER:
                self._attach_socket(prog)
                continue
            places = [named[name]] if name in named else self._places(prog, general)
            used = used or places == general
            for place in places:
                link = kernel_attach.attach(prog, place, frequency=self.options.frequency)
                self.stack.callback(link.close)
                self.attached.append(f"{name} to {place or link.what}")
        if general and not used:
            self._note_unused(loader, general)
        if not self.event:
            self.event = ",".join(a.split(" to ", 1)[1] for a in self.attached)

    def _note_unused(self, loader: Loader, general: list[str]) -> None:
        """Note the events of -e that no program takes, because each has its own."""
        own = {_short(prog.section.target) for prog in loader.programs.values()}
        for event in general:
            if _short(event) not in own:
                self.notes.append(
                    f"-e {event} is not used: the sections say where to attach; "
                    f"-e PROGRAM={event} attaches one program there instead"
                )

    def _places(self, prog: Any, general: list[str]) -> list[str]:
        """Return what to attach a program to; [""] for what its section says."""
        if prog.type in (ProgType.XDP, ProgType.SCHED_CLS, ProgType.SCHED_ACT):
            if not self.options.interface:
                raise InputError(f"program '{prog.name}' needs --interface NAME")
            return [self.options.interface]
        if prog.section.attach_type_name.startswith("CGROUP"):
            return [self.options.cgroup or "/sys/fs/cgroup"]
        if prog.section.target or prog.type not in _AT_EVENTS:
            return [""]
        if not general:
            raise InputError(
                f"program '{prog.name}': its section names no event; give -e "
                + (
                    "FUNCTION"
                    if prog.type == ProgType.KPROBE
                    else "GROUP:NAME, as in skb:kfree_skb"
                )
            )
        return general

    def _attach_socket(self, prog: Any) -> None:
        """Give the filter a raw socket that sees every packet of the interface."""
        all_protocols = 0x0003  # ETH_P_ALL
        try:
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(all_protocols))
            self.stack.callback(sock.close)
            if self.options.interface:
                sock.bind((self.options.interface, all_protocols))
        except OSError as error:
            raise InputError(f"cannot open a packet socket: {error.strerror}") from error
        kernel_attach.attach_socket(prog, sock)
        self.attached.append(f"{prog.name} to a socket on {self.options.interface or 'all'}")

    def snapshot(self, *, maps: bool = True) -> Snapshot:
        """Look at all maps, if ``maps``, and take the records that have come."""
        assert self.loader is not None
        shot = Snapshot(time.time(), self.event)
        for name, held in self.loader.maps.items() if maps else ():
            if self.options.maps and name not in self.options.maps:
                continue
            if held.type in _NOT_LISTED or name.startswith(_HIDDEN_SECTIONS):
                continue
            if name.startswith((".data", ".bss")):
                shot.maps.update(self._variables(held))
            else:
                shot.maps[name] = list(self._rows(held))
        for kind, buffer in self.buffers:
            for record in buffer.read():
                data = record if isinstance(record, bytes) else record.data
                shot.records.append(decode_record(kind, data))
            shot.lost += getattr(buffer, "lost", 0)
        return shot

    def _variables(self, held: Map) -> dict[str, list[Row]]:
        value = held.lookup(bytes(4))
        if value is None or held.value_type is None:
            return {}
        decoded = held.decode_value(value, names=True)
        if not isinstance(decoded, dict):
            return {}
        hidden = {f"{name}_record" for name in self.loader.maps} if self.loader else set()
        rows = [Row(key, found) for key, found in decoded.items() if key not in hidden]
        return {held.name: rows} if rows else {}

    def _rows(self, held: Map) -> Iterator[Row]:
        zero = bytes(held.value_size)
        array = held.type in (MapType.ARRAY, MapType.PERCPU_ARRAY)
        keep_zeros = array and held.max_entries <= 64
        for key, value in held.items():
            if array and not keep_zeros and not any(value):
                continue
            if array and held.max_entries == 1 and value == zero:
                continue
            decoded_key = held.decode_key(key, names=True)
            symbol = ""
            if isinstance(decoded_key, int) and decoded_key >> 63:
                symbol = self.symbols.name(decoded_key) or ""
            yield Row(decoded_key, held.decode_value(value, names=True), symbol)

    def wait(self, seconds: float) -> None:
        """Sleep, or return early when a buffer holds records."""
        end = time.monotonic() + seconds
        if not self.buffers:
            time.sleep(seconds)
            return
        while (left := end - time.monotonic()) > 0:
            _, buffer = self.buffers[0]
            if buffer.wait(min(left, 0.1)):
                return


def _short(event: str) -> str:
    """Return an event's name without its group."""
    return event.replace("/", ":").rpartition(":")[2]


def cannot_trace() -> str:
    """Return why programs cannot be loaded here, "" when they can."""
    import os
    import sys

    if not sys.platform.startswith("linux"):
        return f"this is {sys.platform}, not Linux"
    if os.geteuid() != 0:
        return "this is not root"
    return ""


@contextlib.contextmanager
def demo_drops(per_second: int = 50) -> Iterator[None]:
    """Send packets to a closed UDP port of this machine while the block runs: they are dropped."""
    import threading

    done = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not done.wait(1 / per_second):
                with contextlib.suppress(OSError):  # the answer to the packet before
                    sender.sendto(b"drop me", ("127.0.0.1", port))

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(1)
