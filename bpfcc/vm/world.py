"""The world around programs: memory, maps, clock, random numbers, identity, and what came out.

A ``World`` outlives runs: load several programs into one and they share its maps. Everything that
could make two runs differ is explicit: the clock stands still unless told, random numbers come from
a seed, the current task is made up. ``mock`` replaces any helper or kernel function.
"""

from __future__ import annotations

import inspect
import keyword
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..uapi.helpers import by_id, by_name
from .calls.register import NEEDS
from .calls.table import HELPERS, KFUNCS
from .errnos import ENOENT
from .faults import Fault, UnknownHelper, UnknownKfunc
from .maps.array import ObjectMap
from .maps.base import Map
from .maps.make import make_map
from .maps.output import Record
from .memory import MASK64, Memory, Region
from .recorder import recording
from .routes import Routes
from .run import Handler, Run, mock_failed
from .sockets import Sockets
from .values import encode

if TYPE_CHECKING:
    from ..btf.types import Struct
    from ..objfile.maps import MapDef
    from .calls.timers import Timer
    from .engine import Engine

_OBJECT_BASE = 0xFFFF_8880_0001_0000  # kernel objects made up by ``new_object``


class Task:
    """The task that a program runs for, as helpers report it."""

    def __init__(self) -> None:
        self.pid = 1000
        self.tgid = 1000
        self.uid = 0
        self.gid = 0
        self.comm = b"bpfcc"
        self.address = 0  # of its task_struct, where described


class Sysctl:
    """The sysctl that a cgroup/sysctl program runs for; ``new_value``: of a write, None = a read."""

    def __init__(self) -> None:
        self.name: str = ""
        self.value: bytes | None = None
        self.new_value: bytes | None = None


class _Handlers(dict[Any, Handler]):
    """Helper id or kfunc name -> what runs; unknown ones get a handler that faults."""

    def __missing__(self, key: Any) -> Handler:
        fault: Callable[[], Fault]
        if isinstance(key, str):
            fault = lambda: UnknownKfunc(key)
        else:
            helper = by_id.get(key)
            name = helper.name if helper is not None else ""
            parameters = _parameter_names(helper.proto) if helper is not None else "*args"
            fault = lambda: UnknownHelper(key, name, parameters=parameters)

        def missing(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
            raise fault()

        self[key] = missing
        return missing


class World:
    """See the module's text. All attributes may be changed between runs.

    ``clock``: nanoseconds since boot; None reads the host's monotonic clock. ``tick``: added to the
    clock each time a program reads it. ``wall``: offset from it to the time of day (TAI).
    ``stack``, ``user_stack``: return addresses that stack helpers report, innermost first.
    ``records``: everything sent through ring and perf buffers, in order. ``trace``: lines of
    bpf_trace_printk. ``kconfig``, ``ksyms``: values and addresses of externs, by name.
    ``sockets``: bytes of a bpf_sock_tuple -> address of the socket it finds; ``tcp_sockets``:
    socket -> its bpf_tcp_sock; ``socket_options``: (level, name) -> bytes. ``tunnel``: bytes of the
    tunnel key. ``mtu``: of every interface.

    What look-ups find: ``tasks`` (pid -> address), ``cgroups`` (id -> address), ``keys`` (serial ->
    address), ``connections`` (bytes of a bpf_sock_tuple -> address), ``vmas`` ((start, end,
    address)), ``paths`` (address of a struct path -> text), ``hashes`` (inode or file -> (algorithm,
    digest)), ``exe_files`` (task -> file), ``file_sockets`` (file -> socket), ``xattrs`` ((object,
    name) -> bytes), ``xfrm_states``, ``routes`` (see ``routes.Routes``); sockets:
    ``add_socket``. ``sysctl``, ``tcp_options``, ``tcp_option_room``, ``rx_hash``,
    ``rx_timestamp``, ``rx_vlan``, ``session_return``: what the hook is about. ``secure_exec``: what
    bpf_bprm_opts_set asked for. ``secret``: of SYN cookies.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        clock: int | None = 1_000_000_000_000,
        tick: int = 0,
        cpus: int = 4,
        cpu: int = 0,
        big_endian: bool = False,
    ) -> None:
        self.memory = Memory()
        self.random = random.Random(seed)
        self.clock = clock
        self.tick = tick
        self.wall = 1_700_000_000_000_000_000
        self.cpus = cpus
        self.cpu = cpu
        self.numa_node = 0
        self.task = Task()
        self.cgroup_id = 1
        self.cgroup_ancestors: list[int] = [1]
        self.stack: list[int] = []
        self.user_stack: list[int] = []
        self.kconfig: dict[str, int] = {}
        self.ksyms: dict[str, int] = {}
        self.percpu: dict[int, list[int]] = {}  # address of a per-CPU variable -> one per CPU
        self.trace: list[str] = []
        self.records: list[Record] = []
        self.signals: list[int] = []
        self.seq_output: dict[int, bytearray] = {}
        self.retval = 0
        self.boot_offset = 0
        self.jiffies_hz = 250
        self.sockets: dict[bytes, int] = {}
        self.described_sockets = Sockets()
        self.tcp_sockets: dict[int, int] = {}
        self.socket_options: dict[tuple[int, int], bytes] = {}
        self.socket_cookie = 1
        self.tunnel: bytes | None = None
        self.mtu = 1500
        self.types: dict[int, Any] = {}  # number that a program has for a type -> the type
        self.routes: Routes = Routes()
        self.sysctl: Sysctl = Sysctl()
        self.tasks: dict[int, int] = {}
        self.cgroups: dict[int, int] = {}
        self.keys: dict[int, int] = {}
        self.connections: dict[bytes, int] = {}
        self.new_connections: dict[int, bytes] = {}
        self.vmas: list[tuple[int, int, int]] = []
        self.paths: dict[int, str] = {}
        self.hashes: dict[int, tuple[int, bytes]] = {}
        self.exe_files: dict[int, int] = {}
        self.file_sockets: dict[int, int] = {}
        self.xattrs: dict[tuple[int, str], bytes] = {}
        self.xfrm_states: list[bytes] = []
        self.tcp_options: bytes | None = None
        self.tcp_option_room = 40
        self.rx_hash: tuple[int, int] | None = None
        self.rx_timestamp: int | None = None
        self.rx_vlan: tuple[int, int] | None = None
        self.session_return = False
        self.session_word = 0
        self.secure_exec = False
        self.secret = seed
        self.iterators: dict[int, Iterator[int]] = {}
        self.lists: dict[int, list[int]] = {}  # head or root of kfunc lists and trees -> nodes
        self.big_endian = big_endian
        self.byteorder: Any = "big" if big_endian else "little"
        self.arena_base = 0
        self.maps: dict[str, Map] = {}
        self.timers: dict[int, Timer] = {}
        self.running: Run | None = None
        self.handlers: _Handlers = _Handlers()
        self._mocks: dict[Any, Handler] = {}
        self._recording = False
        self._handles: dict[int, Map] = {}
        self._at_run_end: list[Callable[[], None]] = []
        self._next_object = _OBJECT_BASE
        self.images: list[tuple[Any, Any]] = []  # (object, what it put here), see load
        self._build_handlers()

    # --- maps ------------------------------------------------------------------------------

    def add_map(self, spec: MapDef, make: Callable[..., Map] = make_map, **more: Any) -> Map:
        """Create a map; maps of one name replace each other in ``maps``. Raises: InputError."""
        made = make(spec, self, len(self._handles) + 1, **more)
        made.big_endian = self.big_endian
        self._handles[made.handle] = made
        self.maps[spec.name] = made
        return made

    def map_of(self, handle: int) -> Map | None:
        """Return the map whose handle a program gave, None when it is none."""
        return self._handles.get(handle)

    def tail_target(self, handle: int, index: int) -> Engine | None:
        """Return the engine of the program in a prog array, None when there is none."""
        table = self._handles.get(handle)
        if not isinstance(table, ObjectMap):
            return None
        program = table.target(index)
        return None if program is None else program.engine

    # --- time ------------------------------------------------------------------------------

    def now(self) -> int:
        """Return nanoseconds since boot without letting time pass."""
        return time.monotonic_ns() if self.clock is None else self.clock

    def read_clock(self) -> int:
        """Return nanoseconds since boot as a program reads it; the clock then ticks."""
        now = self.now()
        if self.clock is not None:
            self.clock += self.tick
        return now

    def advance(self, nanoseconds: int) -> int:
        """Let time pass; timers that fall due run. Returns how many ran."""
        if self.clock is None:
            raise ValueError("the clock is the host's; construct World(clock=...) to control it")
        target = self.clock + nanoseconds
        ran = 0
        while True:
            due = [timer for timer in self.timers.values() if timer.due(target)]
            if not due:
                break
            timer = min(due, key=lambda one: one.expires)
            self.clock = max(self.clock, timer.expires)
            timer.fire()
            ran += 1
        self.clock = target
        return ran

    # --- mocks -----------------------------------------------------------------------------

    def mock(self, target: int | str, result: Any = 0) -> None:
        """Replace a helper (name or number) or kernel function (name).

        ``result`` is what it returns: a number, or a function that gets the call's arguments as
        unsigned integers, as many as it takes, and returns a number (None counts as 0). A function
        whose first parameter is called ``run`` gets the ``Run`` there, with ``run.memory`` to read
        and write.
        """
        name = target if isinstance(target, str) else f"helper {target}"
        self._mocks[_handler_key(target)] = _mock_handler(name, result)
        self._build_handlers()

    def unmock(self, target: int | str) -> None:
        """Undo ``mock``."""
        self._mocks.pop(_handler_key(target), None)
        self._build_handlers()

    def record_calls(self, on: bool = True) -> None:
        """Keep every helper and kernel function call of a run in its result, or stop it."""
        self._recording = on
        self._build_handlers()

    def _build_handlers(self) -> None:
        fresh = {**HELPERS, **KFUNCS, **self._mocks}
        if self._recording:
            fresh = {key: recording(key, handler) for key, handler in fresh.items()}
        self.handlers.clear()
        self.handlers.update(fresh)

    def knows(self, helper: int | str) -> bool:
        """Tell whether a helper (id) or kernel function (name) has a result here.

        It is mocked, or modelled with all that it is about described.
        """
        if helper in self._mocks:
            return True
        if helper in NEEDS and not NEEDS[helper](self):
            return False
        return helper in HELPERS or helper in KFUNCS

    # --- memory ----------------------------------------------------------------------------

    def describe(
        self, addr: int, data: bytes | bytearray, name: str = "", *, writable: bool = False
    ) -> bytearray:
        """Put memory at a kernel or user address, for probe reads and BTF pointers.

        Returns: the buffer, which may be changed. Raises: ValueError when it overlaps other memory.
        """
        buffer = data if isinstance(data, bytearray) else bytearray(data)
        self.memory.add(
            Region(addr & MASK64, buffer, name or f"memory at {addr:#x}", writable=writable)
        )
        return buffer

    def new_object(self, data: bytes | bytearray, name: str, *, writable: bool = False) -> int:
        """Put ``data`` at a fresh kernel address; return the address."""
        addr = self._next_object
        self._next_object += -(-max(len(data), 1) // 4096) * 4096 + 4096
        self.describe(addr, data, name, writable=writable)
        return addr

    def new_struct(self, type: Struct, values: Mapping[str, Any], **more: Any) -> int:
        """Put a struct of a BTF type at a fresh kernel address; return the address.

        ``values``: members by name (``values.encode``), the rest is zero; ``more``: as for
        ``new_object``. Raises: ValueError, TypeError.
        """
        data = encode(type, dict(values), type.size, big_endian=self.big_endian)
        return self.new_object(bytearray(data), f"struct {type.name}", **more)

    def add_socket(
        self, local: str, remote: str | None = None, *, protocol: str = "tcp", **fields: Any
    ) -> int:
        """Describe a socket that bpf_sk_lookup_tcp() and its kin find.

        Args:
            local: "10.0.0.1:80" or "[fd00::1]:80"; address 0.0.0.0 or :: listens on all.
            remote: the other end of a connection; None = a listener.
            protocol: "tcp" or "udp".
            fields: further fields of its struct bpf_sock (``mark``, ``priority`` ...).

        Returns: the address that programs get. Raises: ValueError.
        """
        data, table, key = self.described_sockets.describe(
            local, remote, protocol, fields, self.byteorder
        )
        table[key] = self.new_object(bytearray(data), f"socket {local}", writable=True)
        return table[key]

    # --- output ----------------------------------------------------------------------------

    def emit(self, source: str, data: bytes, cpu: int | None = None) -> None:
        """Take a record from a ring or perf buffer."""
        self.records.append(Record(source, data, self.cpu if cpu is None else cpu, self.now()))

    def at_run_end(self, action: Callable[[], None]) -> None:
        """Do ``action`` when the current run ends."""
        self._at_run_end.append(action)

    def end_run(self) -> None:
        """Do what was left for the end of a run."""
        for action in self._at_run_end:
            action()
        self._at_run_end.clear()
        self.running = None

    def read_counter(self, handle: int, cpu: int) -> tuple[int, int, int] | int:
        """Return a perf counter of a map: (value, enabled, running) or a negative error number."""
        found = self._handles.get(handle)
        counters = getattr(found, "counters", {})
        return counters.get(cpu, -ENOENT)  # type: ignore[no-any-return]

    def all_maps(self) -> Iterator[Map]:
        """Yield all maps, also those whose names were used again."""
        return iter(self._handles.values())


def _handler_key(target: int | str) -> int | str:
    """Return the number of a helper given by number or name; the name itself of a kfunc."""
    if isinstance(target, int):
        return target
    helper = by_name.get(target) or by_name.get("bpf_" + target)
    return helper.id if helper is not None else target


def known_function(name: str) -> bool:
    """Tell whether there is a helper, or a modelled kernel function, of this name."""
    return isinstance(_handler_key(name), int) or name in KFUNCS


def _parameter_names(prototype: str) -> str:
    """Return "ctx, params, size, flags" for a C prototype without the name."""
    inside = prototype[prototype.index("(") + 1 : prototype.rindex(")")]
    parts = [part.strip() for part in inside.split(",")]
    if parts in (["void"], [""]):
        return ""
    names = []
    for part in parts:
        name = part.replace("*", " ").split()[-1].rstrip("[]")
        names.append("*more" if name.endswith("...") else name)
    return ", ".join(name + "_" if keyword.iskeyword(name) else name for name in names)


def _mock_handler(name: str, result: Any) -> Handler:
    if not callable(result):
        fixed = int(result)
        return lambda run, r1, r2, r3, r4, r5: fixed
    takes_run, count = _parameters(result)

    def call(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
        args: list[Any] = [r1, r2, r3, r4, r5][:count]
        if takes_run:
            args.insert(0, run)
        try:
            value = result(*args)
            return 0 if value is None else int(value)
        except Fault:
            raise
        except Exception as error:
            raise mock_failed(name, error) from error

    return call


def _parameters(function: Any) -> tuple[bool, int]:
    """Return (first parameter is called run, number of the others, 5 at most)."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False, 5
    takes_run = bool(parameters) and parameters[0].name == "run"
    rest = parameters[1:] if takes_run else parameters
    if any(one.kind is one.VAR_POSITIONAL for one in rest):
        return takes_run, 5
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return takes_run, min(5, sum(one.kind in positional for one in rest))
