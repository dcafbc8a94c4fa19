"""Where a loaded object lives: the running kernel, or the user-space machine. One interface.

Map keys and values are bytes here; a per-CPU value is the list of all CPUs' values.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import Any

from ..kernel.attach import Link
from ..objfile.maps import is_readonly
from ..objfile.model import Object
from ..support.errors import InputError
from ..uapi.map_types import MapType
from ..uapi.prog_types import ProgType
from ..vm.world import World
from .replay import Session

Cell = bytes | list[bytes]


class Ran:
    """One run: ``retval`` as C's int, ``packet`` and ``context`` afterwards, printed lines."""

    def __init__(
        self, retval: int, packet: bytes | None, context: bytes, printk: list[str]
    ) -> None:
        self.retval = retval
        self.packet = packet
        self.context = context
        self.printk = printk


class Place:
    """Base of the two places; names are those of the object."""

    obj: Object

    def close(self) -> None:
        """Let go of everything."""

    def read(self, map: str, key: bytes) -> Cell | None:
        """Return the value at ``key``, None when there is none."""
        raise NotImplementedError

    def write(self, map: str, key: bytes, value: Cell) -> None:
        """Insert or overwrite. Raises: InputError or KernelError when it does not fit."""
        raise NotImplementedError

    def delete(self, map: str, key: bytes) -> bool:
        """Remove; False when there was none."""
        raise NotImplementedError

    def keys(self, map: str) -> list[bytes]:
        """Return all keys."""
        raise NotImplementedError

    def items(self, map: str) -> list[tuple[bytes, Cell]]:
        """Return all elements."""
        found = [(key, self.read(map, key)) for key in self.keys(map)]
        return [(key, value) for key, value in found if value is not None]

    def push(self, map: str, value: bytes) -> None:
        """Add to a queue or stack."""
        raise NotImplementedError

    def pop(self, map: str) -> bytes | None:
        """Take the next value of a queue or stack, None when it is empty."""
        raise NotImplementedError

    def records(self, map: str) -> list[bytes]:
        """Return what came through a ring or perf buffer since the last call."""
        raise NotImplementedError

    def wait(self, map: str, seconds: float) -> bool:
        """Wait for a record; True when there is one."""
        raise NotImplementedError

    def variable(self, name: str) -> Any:
        """Return a global variable by its BTF type."""
        raise NotImplementedError

    def set_variable(self, name: str, value: Any) -> None:
        """Set a global variable. Raises: InputError for a constant one."""
        raise NotImplementedError

    def run(
        self,
        program: str,
        context: bytes | Sequence[int] | None,
        packet: bytes | None,
        fields: dict[str, int],
    ) -> Ran:
        """Run a program once. Raises: Fault or KernelError when it does not end well."""
        raise NotImplementedError

    def attach(self, program: str, event: str, frequency: int) -> Link:
        """Attach a program. Raises: InputError or KernelError when that is not possible."""
        raise NotImplementedError


class Machine(Place):
    """The user-space machine. ``world`` is what programs see of the system."""

    def __init__(self, obj: Object, variables: dict[str, Any], world: World | None = None) -> None:
        self.obj = obj
        self.session = Session(obj, world=world)
        self.world = self.session.world
        self.session.set_globals(variables)
        self._taken: dict[str, int] = {}
        self._readonly = {
            symbol.name
            for section in obj.data.values()
            if is_readonly(section)
            for symbol in section.symbols
        }

    def read(self, map: str, key: bytes) -> Cell | None:
        """As in ``Place``."""
        return self.world.maps[map].read(key)

    def write(self, map: str, key: bytes, value: Cell) -> None:
        """As in ``Place``."""
        failed = self.world.maps[map].write(key, value)
        if failed:
            raise InputError(f"map {map!r}: cannot set an element: {os.strerror(-failed)}")

    def delete(self, map: str, key: bytes) -> bool:
        """As in ``Place``."""
        return not self.world.maps[map].erase(key)

    def keys(self, map: str) -> list[bytes]:
        """As in ``Place``."""
        return self.world.maps[map].keys_raw()

    def push(self, map: str, value: bytes) -> None:
        """As in ``Place``."""
        failed = self.world.maps[map].push(value, 0)
        if failed:
            raise InputError(f"map {map!r}: cannot add a value: {os.strerror(-failed)}")

    def pop(self, map: str) -> bytes | None:
        """As in ``Place``."""
        found = self.world.maps[map].pop()
        return bytes(found) if not isinstance(found, int) else None

    def records(self, map: str) -> list[bytes]:
        """As in ``Place``."""
        fresh = self.world.records[self._taken.get(map, 0) :]
        self._taken[map] = len(self.world.records)
        return [bytes(record.data) for record in fresh if record.source == map]

    def wait(self, map: str, seconds: float) -> bool:
        """As in ``Place``; nothing comes while this thread waits."""
        return any(r.source == map for r in self.world.records[self._taken.get(map, 0) :])

    def variable(self, name: str) -> Any:
        """As in ``Place``."""
        return next(iter(self.session.programs.values())).globals[name]

    def set_variable(self, name: str, value: Any) -> None:
        """As in ``Place``."""
        if name in self._readonly:
            raise InputError(f"variable {name!r} is constant; it can only be set before the load")
        self.session.set_globals({name: value})

    def run(
        self,
        program: str,
        context: bytes | Sequence[int] | None,
        packet: bytes | None,
        fields: dict[str, int],
    ) -> Ran:
        """As in ``Place``."""
        loaded = self.session.program(program)
        result = loaded.run(context if context is not None else (fields or None), packet=packet)
        result.check()
        after = bytes(result.context.data) if result.context is not None else b""
        return Ran(result.ret, result.packet, after, result.trace)

    def attach(self, program: str, event: str, frequency: int) -> Link:
        """Nothing happens in the machine by itself."""
        raise InputError(
            "no events reach the user-space machine: run the program with run(), or load it into"
            " the kernel"
        )


class Kernel(Place):
    """The running kernel."""

    def __init__(
        self, obj: Object, variables: dict[str, Any], programs: list[str] | None = None
    ) -> None:
        from ..kernel.load import LoadOptions, load

        self.obj = obj
        self._stack = contextlib.ExitStack()
        options = LoadOptions(globals=variables, programs=programs)
        self.loader = self._stack.enter_context(load(obj, options))
        self._buffers: dict[str, Any] = {}

    def close(self) -> None:
        """Detach and unload."""
        self._stack.close()

    def read(self, map: str, key: bytes) -> Cell | None:
        """As in ``Place``."""
        held = self.loader.maps[map]
        found = held.lookup(key)
        return found if found is None or not held.per_cpu else self._split(map, found)

    def _split(self, map: str, joined: bytes) -> list[bytes]:
        size = self.loader.maps[map].value_size
        step = (size + 7) // 8 * 8
        return [joined[at : at + size] for at in range(0, len(joined), step)]

    def write(self, map: str, key: bytes, value: Cell) -> None:
        """As in ``Place``."""
        if isinstance(value, list):
            step = (self.loader.maps[map].value_size + 7) // 8 * 8
            value = b"".join(one.ljust(step, b"\0") for one in value)
        self.loader.maps[map].update(key, value)

    def delete(self, map: str, key: bytes) -> bool:
        """As in ``Place``."""
        return self.loader.maps[map].delete(key)

    def keys(self, map: str) -> list[bytes]:
        """As in ``Place``."""
        return list(self.loader.maps[map].keys())

    def items(self, map: str) -> list[tuple[bytes, Cell]]:
        """As in ``Place``, by batches."""
        held = self.loader.maps[map]
        if not held.per_cpu:
            return list(held.items())
        return [(key, self._split(map, value)) for key, value in held.items()]

    def push(self, map: str, value: bytes) -> None:
        """As in ``Place``."""
        self.loader.maps[map].update(b"", value)

    def pop(self, map: str) -> bytes | None:
        """As in ``Place``."""
        return self.loader.maps[map].lookup_and_delete()

    def _buffer(self, map: str) -> Any:
        from ..kernel.perf import PerfBuffer
        from ..kernel.ringbuf import RingBuffer

        if map not in self._buffers:
            held = self.loader.maps[map]
            kind = RingBuffer if held.type == MapType.RINGBUF else PerfBuffer
            self._buffers[map] = self._stack.enter_context(kind(held))
        return self._buffers[map]

    def records(self, map: str) -> list[bytes]:
        """As in ``Place``; perf buffers collect from the first call on."""
        return [
            record if isinstance(record, bytes) else record.data
            for record in self._buffer(map).read()
        ]

    def wait(self, map: str, seconds: float) -> bool:
        """As in ``Place``."""
        return bool(self._buffer(map).wait(seconds))

    def variable(self, name: str) -> Any:
        """As in ``Place``."""
        return self.loader.variable(name)

    def set_variable(self, name: str, value: Any) -> None:
        """As in ``Place``."""
        self.loader.set_variable(name, value)

    def run(
        self,
        program: str,
        context: bytes | Sequence[int] | None,
        packet: bytes | None,
        fields: dict[str, int],
    ) -> Ran:
        """As in ``Place``; context fields by name are those of raw tracepoints (arg1 to arg6)."""
        from ..kernel.testrun import test_run

        prog = self._program(program)
        if context is None and prog.type == ProgType.RAW_TRACEPOINT:
            unknown = [name for name in fields if name not in {f"arg{i}" for i in range(1, 7)}]
            if unknown:
                raise InputError(f"a raw tracepoint has no argument {unknown[0]!r}")
            context = [fields.get(f"arg{i}", 0) for i in range(1, 7)]
        elif fields:
            raise InputError("the kernel's test runs do not take context fields by name")
        ran = test_run(prog, data=packet, context=context)
        return Ran(ran.signed, ran.data if packet is not None else None, ran.context, [])

    def _program(self, name: str) -> Any:
        if name not in self.loader.programs:
            raise InputError(f"program {name!r} was not loaded")
        return self.loader.programs[name]

    def attach(self, program: str, event: str, frequency: int) -> Link:
        """As in ``Place``; detached at the end at the latest."""
        from ..kernel.attach import attach

        link = attach(self._program(program), event, frequency=frequency)
        self._stack.callback(link.close)
        return link
