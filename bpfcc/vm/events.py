"""Recorded events: one JSON object a line, replayed into a program.

    {"ctx": {"arg1": 1, "arg2": "0xffffffff81e42660"}, "time": 123, "cpu": 0, "pid": 7, "comm": "sh"}
    {"packet": "ffffffffffff...", "ctx": {"ingress_ifindex": 2}}

``ctx``: fields as for ``LoadedProgram.run`` (numbers, or strings that ``int(text, 0)`` reads; a
string after "hex:" is bytes), or one "hex:..." string for the whole context. ``packet`` and
``metadata``: hex. ``time``: clock in ns. ``cpu``, ``pid``, ``tgid``, ``uid``, ``gid``, ``comm``, ``cgroup``:
who. ``stack``, ``user_stack``: return addresses, innermost first. ``memory``: {address: hex} that the
event's pointers lead to. ``symbols``: {address: name}, for whoever shows them. ``cookie``,
``func_ip``. Other members (``event``, ...) are kept, not used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..support.errors import InputError
from .memory import Region
from .program import DEFAULT_LIMIT, LoadedProgram, Result
from .run import Trace
from .world import World


class Event:
    """One event, decoded; ``raw`` is the whole JSON object, ``place`` its file and line."""

    def __init__(self, raw: dict[str, Any], place: str = "event") -> None:
        self.raw = raw
        self.place = place
        self.ctx = _context(raw.get("ctx"))
        self.packet = _hex(raw["packet"]) if "packet" in raw else None
        self.metadata = _hex(raw.get("metadata", ""))
        self.memory = {_number(addr): _hex(data) for addr, data in raw.get("memory", {}).items()}
        symbols = raw.get("symbols", {}).items()
        self.symbols = {_number(addr): str(symbol) for addr, symbol in symbols}

    def apply(self, world: World) -> list[Region]:
        """Make ``world`` what it was at the event; return the memory it added."""
        raw, task = self.raw, world.task
        if "time" in raw:
            world.clock = _number(raw["time"])
        if "cpu" in raw:
            world.cpu = _number(raw["cpu"]) % world.cpus
        for name in ("pid", "tgid", "uid", "gid"):
            if name in raw:
                setattr(task, name, _number(raw[name]))
        if "pid" in raw and "tgid" not in raw:
            task.tgid = task.pid
        if "comm" in raw:
            task.comm = str(raw["comm"]).encode()[:15]
        if "cgroup" in raw:
            world.cgroup_id = _number(raw["cgroup"])
        world.stack = [_number(addr) for addr in raw.get("stack", ())]
        world.user_stack = [_number(addr) for addr in raw.get("user_stack", ())]
        added: list[Region] = []
        try:
            for addr, data in self.memory.items():
                name = f"event memory at {addr:#x}"
                region = Region(addr, bytearray(data), name, writable=False)
                added.append(world.memory.add(region))
        except ValueError:
            for region in added:
                world.memory.remove(region)
            raise
        return added


def read(lines: Iterable[str], name: str = "events") -> Iterator[Event]:
    """Yield the events of a file's lines; empty lines and lines that begin with # are skipped.

    Raises: InputError naming the line.
    """
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            raw = json.loads(text)
            if not isinstance(raw, dict):
                raise ValueError("not an object")
            yield Event(raw, f"{name}:{number}")
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{name}:{number}: not an event: {error}") from None


def replay(
    program: LoadedProgram,
    events: Iterable[Event],
    *,
    limit: int = DEFAULT_LIMIT,
    trace: Trace | None = None,
    coverage: bool = False,
) -> Iterator[tuple[Event, Result]]:
    """Run ``program`` on each event in turn. Raises: InputError for one that does not fit."""
    world = program.world
    for event in events:
        try:
            regions = event.apply(world)
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(f"{event.place}: {error}") from None
        try:
            result = program.run(
                event.ctx,
                packet=event.packet,
                metadata=event.metadata,
                cookie=_number(event.raw.get("cookie", 0)),
                func_ip=_number(event.raw.get("func_ip", 0)),
                limit=limit,
                trace=trace,
                coverage=coverage,
            )
        except (InputError, ValueError) as error:
            raise InputError(f"{event.place}: program '{program.name}': {error}") from None
        finally:
            for region in regions:
                world.memory.remove(region)
        yield event, result


def parse_fields(items: Iterable[str]) -> dict[str, Any]:
    """Read command-line fields like ``arg2=0x10``; "hex:..." makes bytes. Raises: InputError."""
    fields: dict[str, Any] = {}
    for item in items:
        name, equals, text = item.partition("=")
        if not equals or not name:
            raise InputError(f"{item!r} is not written as NAME=VALUE")
        try:
            fields[name] = _field(text)
        except ValueError:
            raise InputError(f"{item!r}: the value is no number and no hex:...") from None
    return fields


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError(f"{value!r} is no number")
    return value if isinstance(value, int) else int(value, 0)


def _hex(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is no hexadecimal text")
    return bytes.fromhex(text.removeprefix("hex:"))


def _field(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("hex:"):
        return _hex(value)
    if isinstance(value, dict):
        return {name: _field(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_field(one) for one in value]
    return _number(value)


def _context(value: Any) -> Any:
    return None if value is None else _field(value)
