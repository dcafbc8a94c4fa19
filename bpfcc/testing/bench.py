"""The ``bpf`` fixture's object, and a filter under test in either place."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ..driver import replay
from ..driver.buffers import decode_record, record_type, struct_type
from ..driver.pcap import read_pcap
from ..objfile.model import Object
from ..support.errors import InputError
from ..support.spelling import unknown
from ..uapi.map_types import MapType
from ..uapi.prog_types import ProgType
from ..vm.engine import Interpreter
from ..vm.program import DEFAULT_LIMIT, Result
from ..vm.world import World
from .maps import MapView, Store, build
from .names import Named, Variables, plain_errors
from .session import Compiler


class Outcome:
    """One run. ``retval`` is C's int; ``packet`` the bytes afterwards, None without a packet.

    ``printk``: lines of bpf_trace_printk; ``redirect``: where bpf_redirect sent the packet, None;
    ``instructions`` executed. The last three are known in the user-space machine only.
    """

    def __init__(self, retval: int, packet: bytes | None = None) -> None:
        self.retval = retval
        self.packet = packet
        self.printk: list[str] = []
        self.redirects: list[tuple[Any, ...]] = []
        self.instructions = 0

    def __repr__(self) -> str:
        return f"Outcome(retval={self.retval})"


class Bpf:
    """Compiles filters and loads each into a place of its own for this test."""

    def __init__(
        self, compiler: Compiler, *, place: str = "vm", folders: Sequence[str] = ()
    ) -> None:
        self.place = place
        self._folders = folders  # where files are looked for, besides the current folder
        self._compiler = compiler
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Bpf:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @plain_errors
    def compile(self, path: str | os.PathLike[str], *flags: str, **variables: Any) -> Filter:
        """Compile a C file (or read an object) and load it.

        Args:
            path: the file, seen from the current folder, the test's own, or the project's.
            flags: of the compiler ("-DSLOTS=4").
            variables: values of global variables, "const volatile" ones too.

        Raises: InputError with the compiler's messages.
        """
        found = os.fspath(path)
        if not os.path.exists(found):
            places = [os.path.join(folder, found) for folder in self._folders]
            found = next(filter(os.path.exists, places), found)
        return self.load(self._compiler.compile(found, flags), **variables)

    @plain_errors
    def load(self, obj: Object, **variables: Any) -> Filter:
        """Load an object."""
        if self.place == "kernel":
            return self._load_kernel(obj, variables)
        return _MachineFilter(obj, self._compiler, variables)

    def _load_kernel(self, obj: Object, variables: dict[str, Any]) -> Filter:
        from ..driver.trace import cannot_trace

        reason = cannot_trace()
        if reason:
            pytest.skip(f"cannot run in the kernel: {reason}")
        return self._stack.enter_context(_KernelFilter(obj, variables))


class Filter:
    """A loaded object: its programs, maps and variables."""

    obj: Object

    @property
    def maps(self) -> Named[MapView]:
        """The maps by name, as dicts."""
        raise NotImplementedError

    @property
    def world(self) -> World:
        """The machine's surroundings: routes, sockets, tasks, paths, described memory ..."""
        raise NotImplementedError

    def struct(self, name: str, **values: Any) -> int:
        """Put a kernel struct that the filter's types describe into memory; return its address."""
        raise NotImplementedError

    def run(
        self,
        packet: bytes | None = None,
        *,
        program: str | None = None,
        ctx: Any = None,
        **fields: Any,
    ) -> Outcome:
        """Run one program once.

        Args:
            packet: of packet programs, from the Ethernet header on.
            program: which one, where the object has several.
            ctx: the context as bytes or a list of arguments.
            fields: the context's fields by name (``arg1`` ... for events).

        Raises: Fault when the run does not end well.
        """
        raise NotImplementedError

    @plain_errors
    def records(self, buffer: str | None = None, type: Any = None) -> list[Any]:
        """Return what was sent through ring and perf buffers since the last call, decoded.

        Args:
            buffer: of this map alone.
            type: what records are: the name of a struct of the filter ("event"); a dataclass
                whose fields are members of the struct of its name ("Event" is struct event); a
                layout of module ``struct`` ("<II8s"), for tuples. None = what the variable
                ``<buffer>_record`` says, else bytes.

        Raises: UnknownName, InputError.
        """
        if buffer is not None:
            self.maps[buffer]
        return [self._decode(source, data, type) for source, data in self._take(buffer)]

    def _take(self, buffer: str | None) -> list[tuple[str, bytes]]:
        raise NotImplementedError

    def _decode(self, source: str, data: bytes, type: Any) -> Any:
        if type is None:
            return decode_record(record_type(self.obj, source), data)
        if isinstance(type, str) and type[:1] in ("<", ">", "=", "@", "!"):
            return struct.unpack(type, data[: struct.calcsize(type)])
        name = type if isinstance(type, str) else type.__name__
        value = decode_record(struct_type(self.obj, name), data)
        return value if isinstance(type, str) else build(type, value)

    def run_pcap(self, path: str, **more: Any) -> list[Outcome]:
        """Run once per packet of a capture."""
        return [self.run(packet, **more) for packet in read_pcap(path)]

    def run_events(self, path: str) -> list[Outcome]:
        """Run over recorded events (``bpfcc record``)."""
        raise NotImplementedError

    def mock(self, name: str, result: int | Callable[..., int]) -> None:
        """Let a helper or kernel function return ``result``, or what that function returns."""
        raise NotImplementedError

    def freeze_time(self, nanoseconds: int) -> None:
        """Let bpf_ktime_get_ns() and its kin return this."""
        raise NotImplementedError

    def advance_time(self, nanoseconds: int) -> int:
        """Let time pass; timers and work that fall due run. Returns how many did."""
        raise NotImplementedError

    def set_task(self, **fields: Any) -> None:
        """Set what the current task's pid, tgid, uid, gid, comm are."""
        raise NotImplementedError

    @property
    def variables(self) -> Any:
        """Global variables by name."""
        raise NotImplementedError


class _MachineStore:
    def __init__(self, held: Any) -> None:
        self.held = held

    def get(self, key: Any) -> Any:
        return self.held.get(key)

    def set(self, key: Any, value: Any) -> None:
        self.held[key] = value

    def delete(self, key: Any) -> bool:
        try:
            del self.held[key]
        except KeyError:
            return False
        return True

    def items(self) -> list[tuple[Any, Any]]:
        return list(self.held.items())


class _MachineFilter(Filter):
    """In the user-space machine."""

    def __init__(self, obj: Object, compiler: Compiler, variables: dict[str, Any]) -> None:
        self.obj = obj
        self.session = replay.Session(obj, engine=Interpreter)
        self.session.set_globals(variables)
        self._coverage = compiler.coverage
        self._taken = 0
        self._waiting: list[tuple[str, bytes]] = []  # records of buffers not asked for yet

    @property
    def world(self) -> World:
        return self.session.world

    @property
    def maps(self) -> Named[MapView]:
        held = self.world.maps.items()
        return Named("map", {name: MapView(name, _MachineStore(one)) for name, one in held})

    @property
    def variables(self) -> Variables:
        return Variables("variable", next(iter(self.session.programs.values())).globals)

    @plain_errors
    def struct(self, name: str, **values: Any) -> int:
        return next(iter(self.session.programs.values())).new_struct(name, **values)

    @plain_errors
    def run(
        self,
        packet: bytes | None = None,
        *,
        program: str | None = None,
        ctx: Any = None,
        **fields: Any,
    ) -> Outcome:
        loaded = self.session.program(program)
        result = loaded.run(
            ctx if ctx is not None else (fields or None),
            packet=packet,
            limit=DEFAULT_LIMIT,
            coverage=self._coverage is not None,
        )
        return self._outcome(result)

    def _outcome(self, result: Result) -> Outcome:
        if self._coverage is not None:
            self._coverage.add(result)
        result.check()
        outcome = Outcome(result.ret, result.packet)
        outcome.printk = result.trace
        outcome.redirects = result.redirects
        outcome.instructions = result.executed
        return outcome

    def _take(self, buffer: str | None) -> list[tuple[str, bytes]]:
        fresh = self.world.records[self._taken :]
        self._taken = len(self.world.records)
        found = [(record.source, bytes(record.data)) for record in fresh]
        mine = self._waiting + found
        self._waiting = [one for one in mine if buffer is not None and one[0] != buffer]
        return [one for one in mine if buffer is None or one[0] == buffer]

    @plain_errors
    def run_events(self, path: str) -> list[Outcome]:
        events = replay.read_events(path)
        more = {"coverage": self._coverage is not None}
        return [self._outcome(result) for _, result in self.session.replay(events, **more)]

    @plain_errors
    def mock(self, name: str, result: int | Callable[..., int]) -> None:
        replay.check_function(self.session, name)
        self.world.mock(name, result)

    def freeze_time(self, nanoseconds: int) -> None:
        self.world.clock = nanoseconds

    def advance_time(self, nanoseconds: int) -> int:
        return self.world.advance(nanoseconds)

    @plain_errors
    def set_task(self, **fields: Any) -> None:
        known = vars(self.world.task)
        for name, value in fields.items():
            if name not in known:
                raise InputError(unknown("field", name, known))
            setattr(self.world.task, name, value.encode() if isinstance(value, str) else value)


class _KernelStore:
    def __init__(self, held: Any) -> None:
        self.held = held

    def get(self, key: Any) -> Any:
        value = self.held.lookup(self.held.encode_key(key))
        return None if value is None else self.held.decode_value(value)

    def set(self, key: Any, value: Any) -> None:
        self.held.update(self.held.encode_key(key), self.held.encode_value(value))

    def delete(self, key: Any) -> bool:
        return bool(self.held.delete(self.held.encode_key(key)))

    def items(self) -> list[tuple[Any, Any]]:
        return [
            (self.held.decode_key(key), self.held.decode_value(value))
            for key, value in self.held.items()
        ]


_RUNNABLE = (
    ProgType.RAW_TRACEPOINT,
    ProgType.XDP,
    ProgType.SCHED_CLS,
    ProgType.SCHED_ACT,
    ProgType.SOCKET_FILTER,
    ProgType.CGROUP_SKB,
    ProgType.SYSCALL,
)


class _KernelFilter(Filter):
    """In the running kernel; what only the machine can do skips the test."""

    def __init__(self, obj: Object, variables: dict[str, Any]) -> None:
        from ..kernel.load import LoadOptions, load

        self.obj = obj
        self.loader = load(obj, LoadOptions(globals=variables))
        self._buffers: dict[str, Any] = {}
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(self.loader)

    def __enter__(self) -> _KernelFilter:
        from ..kernel.perf import PerfBuffer
        from ..kernel.ringbuf import RingBuffer

        for name, held in self.loader.maps.items():
            if held.type == MapType.RINGBUF:
                self._buffers[name] = self._stack.enter_context(RingBuffer(held))
            elif held.type == MapType.PERF_EVENT_ARRAY:
                self._buffers[name] = self._stack.enter_context(PerfBuffer(held))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def maps(self) -> Named[MapView]:
        views: dict[str, MapView] = {}
        for name, held in self.loader.maps.items():
            store: Store = _KernelStore(held)
            views[name] = MapView(name, store)
        return Named("map", views)

    @property
    def world(self) -> World:
        pytest.skip("the kernel's surroundings cannot be made up")

    def struct(self, name: str, **values: Any) -> int:
        pytest.skip(f"struct {name} cannot be put into the kernel's memory")

    @property
    def variables(self) -> Named[Any]:
        values: dict[str, Any] = {}
        for name, held in self.loader.maps.items():
            if name.startswith((".data", ".bss", ".rodata")):
                value = held.lookup(bytes(4))
                decoded = held.decode_value(value) if value is not None else {}
                values.update(decoded if isinstance(decoded, dict) else {})
        return Named("variable", values)

    def run(
        self,
        packet: bytes | None = None,
        *,
        program: str | None = None,
        ctx: Any = None,
        **fields: Any,
    ) -> Outcome:
        from ..kernel.testrun import test_run

        names = list(self.loader.programs)
        if program is None and len(names) != 1:
            raise ValueError(f"say which program to run: {', '.join(names)}")
        prog = self.loader.programs[program or names[0]]
        if prog.type not in _RUNNABLE:
            pytest.skip(f"the kernel cannot test-run {prog.section.prog_type_name} programs")
        context = ctx
        if context is None and prog.type == ProgType.RAW_TRACEPOINT:
            context = [fields.get(f"arg{i}", 0) for i in range(1, 7)]
        elif fields:
            pytest.skip("the kernel's test runs do not take these context fields")
        ran = test_run(prog, data=packet, context=context)
        return Outcome(ran.signed, ran.data if packet is not None else None)

    def _take(self, buffer: str | None) -> list[tuple[str, bytes]]:
        found = []
        for name, held in self._buffers.items():
            if buffer is not None and name != buffer:
                continue
            for record in held.read():
                found.append((name, record if isinstance(record, bytes) else record.data))
        return found

    def run_events(self, path: str) -> list[Outcome]:
        outcomes = []
        for event in replay.read_events(path):
            for name, prog in self.loader.programs.items():
                if prog.type != ProgType.RAW_TRACEPOINT or not isinstance(event.ctx, dict):
                    pytest.skip("the kernel can replay raw tracepoint events only")
                outcomes.append(self.run(program=name, **event.ctx))
        return outcomes

    def mock(self, name: str, result: int | Callable[..., int]) -> None:
        pytest.skip(f"{name} cannot be mocked in the kernel")

    def freeze_time(self, nanoseconds: int) -> None:
        pytest.skip("time cannot be frozen in the kernel")

    def advance_time(self, nanoseconds: int) -> int:
        pytest.skip("time cannot be made to pass in the kernel")

    def set_task(self, **fields: Any) -> None:
        pytest.skip("the current task cannot be made up in the kernel")
