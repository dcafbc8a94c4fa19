"""A filter in the user-space machine: over recorded events, or over one given context."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..objfile.model import Object
from ..support.errors import InputError
from ..support.files import read_file
from ..support.spelling import did_you_mean, unknown
from ..uapi.helpers import HELPERS
from ..uapi.kfuncs import by_name as KFUNCS
from ..uapi.map_types import MapType
from ..vm.code import Code
from ..vm.engine import Engine, Interpreter
from ..vm.events import Event, read
from ..vm.events import replay as replay_events
from ..vm.load import load_all
from ..vm.maps.base import Map
from ..vm.program import LoadedProgram, Result
from ..vm.world import World, known_function
from .buffers import decode_record, record_type
from .objects import about
from .snapshot import Row, Snapshot

_LISTED = frozenset(
    {
        MapType.HASH,
        MapType.ARRAY,
        MapType.PERCPU_HASH,
        MapType.PERCPU_ARRAY,
        MapType.LRU_HASH,
        MapType.LRU_PERCPU_HASH,
        MapType.LPM_TRIE,
    }
)


def read_events(path: str) -> list[Event]:
    """Return the recorded events of a file.

    Raises: InputError when it cannot be read, naming the line that is no event.
    """
    try:
        return list(read(read_file(path).decode("utf-8-sig").split("\n"), path))
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text: {error}") from error


def check_function(session: Session, name: str) -> None:
    """Raise InputError unless ``name`` is a helper or something that the programs call."""
    called: set[str] = set()
    for program in session.programs.values():
        called.update(program.code.kfuncs.values())
    if known_function(name) or name in called:
        return
    close = did_you_mean(name, sorted({*called, *KFUNCS, *(helper.name for helper in HELPERS)}))
    raise InputError(f"nothing here calls {name!r}, and no helper has that name{close}")


class Session:
    """The programs of one object in one world."""

    def __init__(
        self,
        obj: Object,
        *,
        engine: Callable[[Code], Engine] = Interpreter,
        world: World | None = None,
    ) -> None:
        self.obj = obj
        self.world = world or World(big_endian=obj.big_endian)
        self.programs = load_all(obj, self.world, engine=engine)
        self.symbols: dict[int, str] = {}  # address -> name, as recordings tell
        if not self.programs:
            raise InputError("the object has no program")

    def program(self, name: str | None) -> LoadedProgram:
        """Return the program called ``name``; for None the only one.

        Raises: InputError when there is none, or several and no name.
        """
        if name is None:
            if len(self.programs) > 1:
                raise InputError(f"say which program to run: {', '.join(self.programs)}")
            return next(iter(self.programs.values()))
        if name not in self.programs:
            raise InputError(unknown("program", name, self.programs))
        return self.programs[name]

    def set_globals(self, values: dict[str, Any]) -> None:
        """Set global variables by name.

        Raises: InputError for a name that the object does not have.
        """
        for name, value in values.items():
            variables = next(iter(self.programs.values())).globals
            if name not in variables:
                raise InputError(unknown("variable", name, variables))
            variables[name] = value

    def for_event(self, name: str) -> list[LoadedProgram]:
        """Return the programs that event ``name`` ("group:event") would run.

        A program whose section names its target runs on that event alone; others on every one.
        """
        short = name.replace("/", ":").rpartition(":")[2]
        chosen = []
        for program in self.programs.values():
            section = program.program.section if program.program is not None else ""
            parts = section.split("/")
            target = parts[-1] if len(parts) > 1 else ""
            if not target or not short or target == short:
                chosen.append(program)
        return chosen

    def replay(
        self, events: Iterable[Event], **options: Any
    ) -> Iterable[tuple[LoadedProgram, Result]]:
        """Yield (program, result) for each event and each program that it runs."""
        for event in events:
            for program in self.for_event(str(event.raw.get("event", ""))):
                for _, result in replay_events(program, [event], **options):
                    yield program, result

    def snapshot(self, event: str = "") -> Snapshot:
        """Return all maps, variables and records as they are now."""
        shot = Snapshot((self.world.clock or 0) / 1e9, event)
        for name, held in self.world.maps.items():
            if held.type in _LISTED and not name.startswith("."):
                shot.maps[name] = _rows(held, self.symbols)
        self._add_variables(shot)
        for record in self.world.records:
            kind = record_type(self.obj, record.source)
            shot.records.append(decode_record(kind, bytes(record.data)))
        return shot

    def _add_variables(self, shot: Snapshot) -> None:
        variables = next(iter(self.programs.values())).globals
        for section in self.obj.data.values():
            if section.readonly or not section.name.startswith((".data", ".bss")):
                continue
            rows = [
                Row(symbol.name, variables[symbol.name])
                for symbol in section.symbols
                if symbol.btf is not None
                and symbol.name in variables
                and not symbol.name.endswith("_record")
            ]
            if rows:
                shot.maps[section.name] = rows


def _rows(held: Map, symbols: dict[int, str]) -> list[Row]:
    array = held.type in (MapType.ARRAY, MapType.PERCPU_ARRAY)
    rows = []
    for key, value in held.items():
        if array and held.max_entries > 64 and not _nonzero(value):
            continue
        symbol = symbols.get(key, "") if isinstance(key, int) else ""
        rows.append(Row(key, value, symbol))
    return rows


def _nonzero(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_nonzero(v) for v in value.values())
    if isinstance(value, list):
        return any(_nonzero(v) for v in value)
    if isinstance(value, (bytes, bytearray)):
        return any(value)
    return bool(value)


def recorded_symbols(events: Iterable[Event]) -> dict[int, str]:
    """Return the names that the recording gave to addresses."""
    names: dict[int, str] = {}
    for event in events:
        names.update(event.symbols)
    return names


def replay(obj: Object, name: str, path: str, *, event: str = "") -> Snapshot:
    """Run the programs of ``obj``, read from ``name``, over the events of the file ``path``.

    Returns: what they counted.
    Raises: InputError for a bad file; Fault when a program does not end well.
    """
    events = read_events(path)
    with about(name):
        session = Session(obj)
    for program, result in session.replay(events):
        if result.fault is not None:
            raise InputError(f"program '{program.name}': {result.fault}")
    shown = event or next((str(e.raw["event"]) for e in events if "event" in e.raw), path)
    session.symbols.update(recorded_symbols(events))
    return session.snapshot(shown)
