"""What the modules made by ``bpfcc gen python`` stand on: an object with typed attributes.

    from dropmon import Dropmon            # made by: bpfcc gen python dropmon.o -o dropmon.py

    with Dropmon.load("kernel", {"min_len": 64}) as filter:
        filter.programs.dropmon.attach("skb:kfree_skb")
        time.sleep(1)
        print(dict(filter.maps.table_0.snapshot()))

A generated module only declares: which maps, variables and programs there are, and of what types.
Structs are frozen dataclasses, arrays are tuples, text in char arrays is ``str``, everything else
``int``, ``bool`` or ``float``.
"""

from __future__ import annotations

import base64
import dataclasses
import inspect
from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Literal,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from ..btf.types import BtfType, Func, FuncProto, Ptr
from ..btf.values import decode, encode
from ..objfile.maps import MapDef, map_defs
from ..objfile.model import Object
from ..objfile.read import from_bytes
from ..objfile.typesof import structs_of
from ..support.errors import InputError
from .buffers import record_type

if TYPE_CHECKING:
    from ..kernel.attach import Link
    from .homes import Cell, Place

K = TypeVar("K")
V = TypeVar("V")
C = TypeVar("C")

_OWN = ("_c_names", "_union", "_records", "_place")  # attributes that declare nothing of C


class Record:
    """Base of the dataclasses for structs and unions.

    ``_c_names``: C names of fields that are called otherwise in Python. ``_union``: fields that
    share their bytes with others; of them, those that are not zero are written.
    """

    _c_names: ClassVar[Mapping[str, str]] = {}
    _union: ClassVar[tuple[str, ...]] = ()


# Values ------------------------------------------------------------------------------------


_KNOWN_HINTS: dict[type, dict[str, Any]] = {}


def _hints(cls: type) -> dict[str, Any]:
    """Return the annotations of a declared class as types, without the runtime's own."""
    found = _KNOWN_HINTS.get(cls)
    if found is None:
        names = [name for name in inspect.get_annotations(cls) if name not in _OWN]
        hints = get_type_hints(cls, localns={"Place": object})
        found = _KNOWN_HINTS[cls] = {name: hints[name] for name in names}
    return found


def build(hint: Any, value: Any) -> Any:
    """Return a decoded value (dicts and lists) as what the type hint says."""
    if isinstance(value, dict) and isinstance(hint, type) and issubclass(hint, Record):
        hints = _hints(hint)
        names = hint._c_names
        fields = {}
        for name in hints:
            c_name = names.get(name, name)
            if c_name in value:
                fields[name] = build(hints[name], value[c_name])
        return hint(**fields)
    if isinstance(value, list):
        args = get_args(hint)
        inner = args[0] if args else None
        return tuple(build(inner, one) for one in value)
    return value


def plain(value: Any) -> Any:
    """Return a value with dataclasses as dicts of C names, as the encoder takes them."""
    if isinstance(value, Record):
        names = value._c_names
        found = {}
        for name in _hints(type(value)):
            held = getattr(value, name)
            if name in value._union and held == getattr(type(value), name, None):
                continue
            found[names.get(name, name)] = plain(held)
        return found
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return value


class _Codec:
    """Bytes to Python and back, for one type."""

    def __init__(self, type: BtfType | None, size: int, hint: Any, *, big_endian: bool) -> None:
        self.type = type
        self.size = size
        self.hint = hint
        self.big_endian = big_endian

    def decode(self, data: bytes) -> Any:
        if self.type is not None:
            return build(self.hint, decode(self.type, data, big_endian=self.big_endian))
        if self.size in (1, 2, 4, 8):
            return int.from_bytes(data, "big" if self.big_endian else "little")
        return data

    def encode(self, value: Any) -> bytes:
        if self.type is not None:
            data = encode(self.type, plain(value), big_endian=self.big_endian)
            return data.ljust(self.size, b"\0")
        if isinstance(value, int):
            number = value & (1 << 8 * self.size) - 1
            return number.to_bytes(self.size, "big" if self.big_endian else "little")
        return bytes(value)


# Maps --------------------------------------------------------------------------------------


class MapBase:
    """A map of the object; ``definition`` is what it was declared as."""

    def __init__(self, place: Place, definition: MapDef, arguments: tuple[Any, ...]) -> None:
        self._place = place
        self.name = definition.name
        self.definition = definition

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Map(MapBase, MutableMapping[K, V]):
    """A map as a dictionary. Every access goes to the place; nothing is cached."""

    def __init__(self, place: Place, definition: MapDef, arguments: tuple[Any, ...]) -> None:
        super().__init__(place, definition, arguments)
        key, value = arguments
        big = place.obj.big_endian
        self._key = _Codec(definition.key_type, definition.key_size, key, big_endian=big)
        self._value = _Codec(definition.value_type, definition.value_size, value, big_endian=big)

    def _decode(self, cell: Cell) -> Any:
        assert isinstance(cell, bytes)
        return self._value.decode(cell)

    def _encode(self, value: Any) -> Cell:
        return self._value.encode(value)

    def __getitem__(self, key: K) -> V:
        found = self._place.read(self.name, self._key.encode(key))
        if found is None:
            raise KeyError(key)
        value: V = self._decode(found)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        self._place.write(self.name, self._key.encode(key), self._encode(value))

    def __delitem__(self, key: K) -> None:
        if not self._place.delete(self.name, self._key.encode(key)):
            raise KeyError(key)

    def __iter__(self) -> Iterator[K]:
        return (self._key.decode(key) for key in self._place.keys(self.name))

    def __len__(self) -> int:
        return len(self._place.keys(self.name))

    def snapshot(self) -> dict[K, V]:
        """Return all elements as they are now, read in one go where the kernel can."""
        return {
            self._key.decode(key): self._decode(value)
            for key, value in self._place.items(self.name)
        }

    def items(self) -> ItemsView[K, V]:
        """Return all elements as they are now: what a program deletes meanwhile does no harm."""
        return self.snapshot().items()


class PerCpuMap(Map[K, tuple[V, ...]], Generic[K, V]):
    """A map with one value per CPU: values are tuples, in the order of the CPUs."""

    def _decode(self, cell: Cell) -> Any:
        return tuple(self._value.decode(one) for one in cell) if isinstance(cell, list) else ()

    def _encode(self, value: Any) -> Cell:
        return [self._value.encode(one) for one in value]


class Queue(MapBase, Generic[V]):
    """A queue or stack."""

    def __init__(self, place: Place, definition: MapDef, arguments: tuple[Any, ...]) -> None:
        super().__init__(place, definition, arguments)
        self._value = _Codec(
            definition.value_type,
            definition.value_size,
            arguments[0],
            big_endian=place.obj.big_endian,
        )

    def push(self, value: V) -> None:
        """Add a value."""
        self._place.push(self.name, self._value.encode(value))

    def pop(self) -> V | None:
        """Take the next value, None when there is none."""
        found = self._place.pop(self.name)
        return None if found is None else self._value.decode(found)


class Buffer(MapBase, Generic[V]):
    """A ring buffer or perf buffer of records."""

    def __init__(self, place: Place, definition: MapDef, arguments: tuple[Any, ...]) -> None:
        super().__init__(place, definition, arguments)
        self._hint = arguments[0]
        self.type: BtfType | None = record_type(place.obj, definition.name)

    def read(self) -> list[V]:
        """Return the records that came since the last call."""
        found = []
        for data in self._place.records(self.name):
            value: Any = data
            if self.type is not None and self._hint is not bytes:
                value = build(
                    self._hint, decode(self.type, data, big_endian=self._place.obj.big_endian)
                )
            found.append(value)
        return found

    def wait(self, seconds: float) -> bool:
        """Wait for a record; True when there is one."""
        return self._place.wait(self.name, seconds)


class OtherMap(MapBase):
    """A map that only programs use: program arrays, maps of maps, sockets, stacks, storage."""


# Programs ----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Outcome(Generic[C]):
    """One run. ``retval`` is C's int.

    ``packet``: its bytes afterwards, None when none was given. ``context``: what the program made
    of the structure it was given. ``printk``: printed lines (user-space machine only).
    """

    retval: int
    packet: bytes | None
    context: C | None
    printk: tuple[str, ...]


class Program(Generic[C]):
    """A program; ``C`` is the structure that it takes, ``None`` where the kernel decides."""

    def __init__(self, place: Place, name: str, hint: Any) -> None:
        self._place = place
        self.name = name
        self._context: _Codec | None = None
        found = context_type(place.obj, name)
        if found is not None and isinstance(hint, type) and issubclass(hint, Record):
            self._context = _Codec(found, 0, hint, big_endian=place.obj.big_endian)

    def run(
        self,
        context: C | Sequence[int] | bytes | None = None,
        *,
        packet: bytes | None = None,
        **fields: int,
    ) -> Outcome[C]:
        """Run once: in the machine, or in the kernel by BPF_PROG_TEST_RUN.

        Args:
            context: the structure, the arguments of a tracepoint in order, or bytes.
            packet: of packet programs, from the Ethernet header on.
            fields: arguments by name (``arg1`` ... of tracepoints).

        Raises: Fault or KernelError when the run does not end well.
        """
        given: Any = context
        if self._context is not None and isinstance(context, Record):
            given = self._context.encode(context)
        ran = self._place.run(self.name, given, packet, fields)
        after: Any = None
        if self._context is not None and isinstance(context, Record) and ran.context:
            after = self._context.decode(ran.context)
        return Outcome(ran.retval, ran.packet, after, tuple(ran.printk))

    def attach(self, event: str = "", *, frequency: int = 99) -> Link:
        """Attach where the section says, or to ``event`` ("group:name", interface, folder).

        Detached by closing the link, or with the filter. ``frequency``: of perf_event programs.
        Raises: InputError in the user-space machine, KernelError when the kernel refuses.
        """
        return self._place.attach(self.name, event, frequency)

    def __repr__(self) -> str:
        return f"<Program {self.name}>"


def context_type(obj: Object, name: str) -> BtfType | None:
    """Return the structure that a program's one parameter points to, None when it is none."""
    function = obj.function(name)
    btf = function.btf if function is not None else None
    proto = btf.proto if isinstance(btf, Func) else None
    if not isinstance(proto, FuncProto) or not proto.params:
        return None
    first = proto.params[0][1]
    return first.type if isinstance(first, Ptr) else None


# The whole ---------------------------------------------------------------------------------


class Maps:
    """Base of the declared maps: one attribute each."""

    _c_names: ClassVar[Mapping[str, str]] = {}
    _records: ClassVar[Mapping[str, str]] = {}  # buffer -> struct of its records

    def __init__(self, place: Place) -> None:
        known = {one.name: one for one in map_defs(place.obj)}
        for attribute, hint in _hints(type(self)).items():
            kind = get_origin(hint) or hint
            if isinstance(kind, type) and issubclass(kind, MapBase):
                definition = known[self._c_names.get(attribute, attribute)]
                made = kind(place, definition, get_args(hint))
                if isinstance(made, Buffer) and definition.name in self._records:
                    made.type = structs_of(place.obj)[self._records[definition.name]]
                setattr(self, attribute, made)


class Variables:
    """Base of the declared variables: each attribute reads and writes the variable."""

    _c_names: ClassVar[Mapping[str, str]] = {}
    _place: Place

    def __init__(self, place: Place) -> None:
        object.__setattr__(self, "_place", place)

    def __getattr__(self, name: str) -> Any:
        hints = _hints(type(self))
        if name not in hints:
            raise AttributeError(f"the object has no variable {name!r}")
        value = self._place.variable(self._c_names.get(name, name))
        return build(hints[name], value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _hints(type(self)):
            raise AttributeError(f"the object has no variable {name!r}")
        self._place.set_variable(self._c_names.get(name, name), plain(value))


class Programs:
    """Base of the declared programs: one attribute each."""

    _c_names: ClassVar[Mapping[str, str]] = {}

    def __init__(self, place: Place) -> None:
        for attribute, hint in _hints(type(self)).items():
            if get_origin(hint) is Program:
                name = self._c_names.get(attribute, attribute)
                setattr(self, attribute, Program(place, name, get_args(hint)[0]))


M = TypeVar("M", bound=Maps)
G = TypeVar("G", bound=Variables)
P = TypeVar("P", bound=Programs)
S = TypeVar("S", bound=Mapping[str, Any])
Self = TypeVar("Self", bound="Skeleton[Any, Any, Any, Any]")


class Skeleton(Generic[M, G, P, S]):
    """Base of a generated class: an object that is loaded, with typed attributes.

    A context manager: at its end all is detached and unloaded.
    """

    _name: ClassVar[str] = ""
    _object: ClassVar[str] = ""

    def __init__(self, place: Place) -> None:
        maps, variables, programs, _ = get_args(type(self).__orig_bases__[0])  # type: ignore[attr-defined]
        self.place = place
        self.maps: M = maps(place)
        self.variables: G = variables(place)
        self.programs: P = programs(place)

    @classmethod
    def stored_object(cls) -> Object:
        """Return the object that the module was made from, which it carries in itself."""
        return from_bytes(base64.b64decode(cls._object), cls._name)

    @classmethod
    def load(
        cls: type[Self],
        place: Literal["kernel", "vm"] = "kernel",
        settings: S | None = None,
        *,
        only: Sequence[str] | None = None,
    ) -> Self:
        """Load into the running kernel (needs root) or into the user-space machine.

        Args:
            place: where.
            settings: variables set before the load, constants among them.
            only: C names of the programs to load; None = all that load by themselves.

        Raises: InputError for what the object lacks; KernelError and LoadError (with the verifier's
            reason) for what the kernel refuses.
        """
        from .homes import Kernel, Machine

        values = {name: plain(value) for name, value in (settings or {}).items()}
        obj = cls.stored_object()
        if place == "vm":
            return cls(Machine(obj, values))
        if place != "kernel":
            raise InputError(f"a filter is loaded into 'kernel' or 'vm', not {place!r}")
        return cls(Kernel(obj, values, None if only is None else list(only)))

    def attach(self) -> list[Link]:
        """Attach every loaded program whose section says where to."""
        from .homes import Kernel

        loaded = list(self.place.loader.programs) if isinstance(self.place, Kernel) else []
        return [self.place.attach(name, "", 99) for name in loaded]

    def close(self) -> None:
        """Detach and unload everything."""
        self.place.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
