"""Bytes of a ``.BTF`` section (or of /sys/kernel/btf/vmlinux) as types, read on demand.

Three things make the 5 MB of a kernel's BTF cheap:

* one scan over the records notes where each id starts; nothing else is decoded;
* ids sorted by name are searched by bisection, in an index that can be saved (``build_index``) and
  used again (``Btf.with_index``) without the scan;
* structs and unions get their members when these are first asked for.

Split BTF (a kernel module's) continues the ids and strings of its ``base``.
Source: kernel Documentation/bpf/btf.rst, "Type and string encoding".
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from typing import NoReturn

from ..support.errors import InputError
from . import wire
from .layout import strip
from .types import (
    Array,
    BtfType,
    Const,
    Datasec,
    DeclTag,
    Enum,
    Float,
    Func,
    FuncProto,
    Fwd,
    Int,
    Member,
    Ptr,
    Restrict,
    Struct,
    Typedef,
    TypeRef,
    TypeTag,
    Union,
    Var,
    Volatile,
)

# Words of a record by kind: fixed part, and per element.
_WORDS = [3] * 32
_PER = [0] * 32
for _kind, _bytes in wire.TRAILER.items():
    _WORDS[_kind] += _bytes // 4
for _kind, _bytes in wire.ELEMENT.items():
    _PER[_kind] = _bytes // 4

_ONE_TYPE: dict[int, type[Ptr | Typedef | Volatile | Const | Restrict | TypeTag]] = {
    wire.KIND_PTR: Ptr,
    wire.KIND_TYPEDEF: Typedef,
    wire.KIND_VOLATILE: Volatile,
    wire.KIND_CONST: Const,
    wire.KIND_RESTRICT: Restrict,
    wire.KIND_TYPE_TAG: TypeTag,
}
_MOST_NESTING = 64  # the kernel allows 32
_INDEX_MAGIC = b"bpfccix2"


def parse(data: bytes, name: str = "BTF", *, base: Btf | None = None, check: bool = True) -> Btf:
    """Return the types in ``data``, raw BTF of either byte order.

    ``check`` reads every type once, so that later uses cannot fail; leave it out only for the
    kernel's own BTF, which is large and sound. ``name`` is for messages.
    Raises: InputError when the BTF is malformed.
    """
    btf = Btf(data, name, base=base)
    btf.scan()
    if check:
        btf.check()
    return btf


def build_index(data: bytes, name: str = "BTF") -> bytes:
    """Return an index of raw BTF for ``Btf.with_index``; equal BTF gives equal bytes.

    Raises: InputError, with ``name``, when the BTF is malformed.
    """
    return parse(data, name, check=False).index()


class Btf:
    """The types of one BTF image. Ids run from ``first_id`` to ``last_id``."""

    def __init__(self, data: bytes, name: str = "BTF", *, base: Btf | None = None) -> None:
        """Read the header only; ``scan`` or ``with_index`` must follow."""
        self.data = data
        self.name = name
        self.strings_length = 0
        self.base = base
        self.first_id = base.last_id + 1 if base is not None else 1
        self._base_strings = base.strings_length if base is not None else 0
        self._objects: dict[int, BtfType] = {}
        self._numbers: dict[int, int] = {}
        self._offsets: array[int] = array("I")  # byte offset in ``data`` by id - first_id
        self._by_name: array[int] = array("I")  # ids sorted by name, then id
        self._enumerators: array[int] = array("I")  # name offset, enum id, sorted by name
        self._named = False
        if len(data) < wire.HEADER_SIZE:
            self._fail(f"the header is cut off: {len(data)} of {wire.HEADER_SIZE} bytes")
        magic = data[:2]
        if magic == b"\x9f\xeb":
            self.big_endian = False
        elif magic == b"\xeb\x9f":
            self.big_endian = True
        else:
            self._fail(f"no BTF: it starts with {magic.hex()}, not 9feb or eb9f")
        self._order = order = ">" if self.big_endian else "<"
        version, _, header, type_off, type_len, str_off, str_len = struct.unpack_from(
            order + "BBIIIII", data, 2
        )
        if version != wire.VERSION:
            self._fail(f"version {version}, only {wire.VERSION} is known")
        if header < wire.HEADER_SIZE or header > len(data):
            self._fail(f"header length {header} in {len(data)} bytes")
        self._types_at = header + type_off
        self._types_end = self._types_at + type_len
        self._strings_at = header + str_off
        self.strings_length = self._base_strings + str_len
        self._strings_end = self._strings_at + str_len
        if self._types_end > len(data) or self._strings_end > len(data):
            self._fail(
                f"types end at {self._types_end:#x} and strings at {self._strings_end:#x}, but the"
                f" data at {len(data):#x}"
            )
        if type_len % 4:
            self._fail(f"{type_len} bytes of types are no whole number of words")
        if str_len and data[self._strings_end - 1] != 0:
            self._fail(f"the string table at {self._strings_at:#x} does not end with a zero byte")
        if base is None and (not str_len or data[self._strings_at] != 0):
            self._fail(f"the string table at {self._strings_at:#x} does not start with a zero byte")
        self._common = struct.Struct(order + "III").unpack_from
        self._word = struct.Struct(order + "I").unpack_from

    def _fail(self, message: str) -> NoReturn:
        raise InputError(f"{self.name}: {message}")

    # Finding records ------------------------------------------------------------------------

    def scan(self) -> None:
        """Find where each id's record starts."""
        words = self._words()
        end = len(words)
        start = self._types_at
        per, fixed = _PER, _WORDS
        offsets: list[int] = []
        append = offsets.append
        at = 0
        while at + 2 < end:
            append(at)
            info = words[at + 1]
            kind = info >> 24 & 31
            if not 0 < kind < 20:
                self._fail(f"type {len(offsets)} at {start + at * 4:#x} has unknown kind {kind}")
            at += fixed[kind] + (info & 0xFFFF) * per[kind]
        if at != end:
            self._fail(f"type {len(offsets)}, the last one, is cut off at {self._types_end:#x}")
        self._offsets = array("I", [start + at * 4 for at in offsets])

    def _words(self) -> list[int]:
        words = array("I")
        words.frombytes(self.data[self._types_at : self._types_end])
        if self.big_endian == (sys.byteorder == "little"):
            words.byteswap()
        return words.tolist()

    @property
    def last_id(self) -> int:
        """The largest type id; ``first_id`` - 1 when there are no types."""
        return self.first_id + len(self._offsets) - 1

    def _record(self, number: int) -> int:
        """Return the byte offset of type ``number`` of this image (not of the base)."""
        index = number - self.first_id
        if not 0 <= index < len(self._offsets):
            self._fail(f"there is no type {number}, ids end at {self.last_id}")
        return self._offsets[index]

    def string(self, offset: int) -> str:
        """Return the string at ``offset`` of the string table."""
        return self._string(offset).decode("utf-8", "surrogateescape")

    def _string(self, offset: int) -> bytes:
        if offset < self._base_strings:
            assert self.base is not None
            return self.base._string(offset)
        start = self._strings_at + offset - self._base_strings
        if start >= self._strings_end:
            self._fail(f"string offset {offset:#x} is past the string table")
        return self.data[start : self.data.find(b"\0", start, self._strings_end)]

    def kind(self, number: int) -> int:
        """Return the BTF_KIND_ number of type ``number``; 0 for void."""
        if number == 0:
            return 0
        if number < self.first_id and self.base is not None:
            return self.base.kind(number)
        kind: int = self._word(self.data, self._record(number) + 4)[0] >> 24 & 31
        return kind

    def type_name(self, number: int) -> str:
        """Return the name of type ``number``, "" for void and anonymous types."""
        if number == 0:
            return ""
        if number < self.first_id and self.base is not None:
            return self.base.type_name(number)
        return self.string(self._word(self.data, self._record(number))[0])

    # Names ----------------------------------------------------------------------------------

    def ids(self, name: str, *kinds: int) -> list[int]:
        """Return the ids of types called ``name``, of one of ``kinds`` if given, base first."""
        found = self.base.ids(name, *kinds) if self.base is not None else []
        self._sort_names()
        wanted = name.encode("utf-8", "surrogateescape")
        by_name = self._by_name
        at = bisect_left(by_name, wanted, key=self._name_of)
        while at < len(by_name) and self._name_of(by_name[at]) == wanted:
            if not kinds or self.kind(by_name[at]) in kinds:
                found.append(by_name[at])
            at += 1
        return found

    def ids_starting(self, prefix: str, *kinds: int) -> list[int]:
        """Return the ids of types whose names start with ``prefix``, in order of names."""
        found = self.base.ids_starting(prefix, *kinds) if self.base is not None else []
        self._sort_names()
        wanted = prefix.encode("utf-8", "surrogateescape")
        by_name = self._by_name
        at = bisect_left(by_name, wanted, key=self._name_of)
        while at < len(by_name) and self._name_of(by_name[at]).startswith(wanted):
            if not kinds or self.kind(by_name[at]) in kinds:
                found.append(by_name[at])
            at += 1
        return found

    def find(self, name: str, *kinds: int) -> BtfType | None:
        """Return the first type called ``name``, of one of ``kinds`` if given; None if none is."""
        numbers = self.ids(name, *kinds)
        return self.type(numbers[0]) if numbers else None

    def enums_with(self, enumerator: str) -> list[int]:
        """Return the ids of enums that have a constant called ``enumerator``, base first."""
        found = self.base.enums_with(enumerator) if self.base is not None else []
        self._sort_names()
        wanted = enumerator.encode("utf-8", "surrogateescape")
        table = self._enumerators
        count = len(table) // 2
        at = bisect_left(range(count), wanted, key=lambda i: self._string(table[2 * i]))
        while at < count and self._string(table[2 * at]) == wanted:
            found.append(table[2 * at + 1])
            at += 1
        return found

    def names(self) -> Iterator[str]:
        """Yield every type name of this image in sorted order, repeated as often as it occurs."""
        self._sort_names()
        for number in self._by_name:
            yield self.type_name(number)

    def _name_of(self, number: int) -> bytes:
        return self._string(self._word(self.data, self._offsets[number - self.first_id])[0])

    def _sort_names(self) -> None:
        if self._named:
            return
        words = self._words()
        start = self._types_at
        enum, enum64 = wire.KIND_ENUM, wire.KIND_ENUM64
        texts = self._texts()
        ids: list[int] = []
        keys: list[bytes] = []
        enumerators: list[tuple[bytes, int, int]] = []
        for number, offset in enumerate(self._offsets, self.first_id):
            at = (offset - start) >> 2
            name = words[at]
            if name:
                ids.append(number)
                keys.append(texts(name))
            info = words[at + 1]
            kind = info >> 24 & 31
            if kind in (enum, enum64):
                step = _PER[kind]
                names = words[at + 3 : at + 3 + (info & 0xFFFF) * step : step]
                enumerators += [(texts(name), number, name) for name in names]
        order = sorted(range(len(ids)), key=keys.__getitem__)  # stable: equal names by id
        self._by_name = array("I", [ids[i] for i in order])
        enumerators.sort()
        self._enumerators = array("I", [x for _, number, at in enumerators for x in (at, number)])
        self._named = True

    def _texts(self) -> Callable[[int], bytes]:
        """Return a function from string offsets to strings that splits the table only once."""
        known: dict[int, bytes] = {}
        at = self._base_strings
        for text in self.data[self._strings_at : self._strings_end].split(b"\0")[:-1]:
            known[at] = text
            at += len(text) + 1

        def text_at(offset: int) -> bytes:
            text = known.get(offset)
            return self._string(offset) if text is None else text  # into another one's middle

        return text_at

    # The saved index ------------------------------------------------------------------------

    def index(self) -> bytes:
        """Return where the types are and how they are called, for ``with_index``."""
        self._sort_names()
        tables = (self._offsets, self._by_name, self._enumerators)
        header = struct.pack("<8s5I", _INDEX_MAGIC, _fingerprint(self.data), *map(len, tables), 0)
        return header + b"".join(_little(table).tobytes() for table in tables)

    @classmethod
    def with_index(cls, data: bytes, index: bytes, name: str = "BTF") -> Btf:
        """Return ``data``'s types without scanning them, given their ``index``.

        Raises: InputError when the index belongs to other data or is damaged; build a new one then.
        """
        btf = cls(data, name)
        if len(index) < 28 or index[:8] != _INDEX_MAGIC:
            btf._fail("the index is of another version")
        fingerprint, *lengths = struct.unpack_from("<4I", index, 8)
        if fingerprint != _fingerprint(data):
            btf._fail("the index belongs to other BTF")
        if len(index) != 28 + 4 * sum(lengths):
            btf._fail("the index is cut off")
        at = 28
        tables: list[array[int]] = []
        for length in lengths:
            table = array("I")
            table.frombytes(index[at : at + 4 * length])
            tables.append(_little(table))
            at += 4 * length
        btf._offsets, btf._by_name, btf._enumerators = tables
        btf._named = True
        return btf

    # Types ----------------------------------------------------------------------------------

    def type(self, number: int) -> TypeRef:
        """Return type ``number``, always the same object; None for 0 (void).

        Raises: InputError when it, or something it refers to, is malformed.
        """
        if number == 0:
            return None
        known = self._objects.get(number)
        if known is not None:
            return known
        if number < self.first_id and self.base is not None:
            return self.base.type(number)
        # Without recursion: a hostile chain of qualifiers may be as long as the file allows.
        stack = [number]
        open_: set[int] = set()
        objects = self._objects
        while stack:
            current = stack[-1]
            if current in objects:
                stack.pop()
                continue
            missing = [n for n in self._needs(current) if n >= self.first_id and n not in objects]
            if missing:
                if current in open_:
                    self._fail(f"type {current} refers to itself without a struct between")
                open_.add(current)
                stack.extend(reversed(missing))
                continue
            made = self._make(current)
            objects[current] = made
            self._numbers[id(made)] = current
            stack.pop()
        return objects[number]

    def id_of(self, type: TypeRef) -> int:
        """Return the id of an object that ``type()`` returned; KeyError for any other."""
        if type is None:
            return 0
        number = self._numbers.get(id(type))
        if number is None:
            if self.base is None:
                raise KeyError(type)
            return self.base.id_of(type)
        return number

    def types(self) -> Iterator[tuple[int, BtfType]]:
        """Yield (id, type) for every type of this image, in order of ids."""
        for number in range(self.first_id, self.last_id + 1):
            made = self.type(number)
            assert made is not None
            yield number, made

    def check(self) -> None:
        """Read every type, members too; raises InputError at the first malformed one."""
        depths: dict[int, int] = {}
        for number, made in self.types():
            if isinstance(made, Struct):
                self._check_nesting(number, made, depths)

    def _check_nesting(self, number: int, root: Struct, depths: dict[int, int]) -> None:
        """Find how deep structs lie in each other; refuse what no compiler could lay out."""
        stack: list[tuple[Struct, bool]] = [(root, False)]
        open_: set[int] = set()
        while stack:
            struct_, done = stack.pop()
            if id(struct_) in depths:
                continue
            inner = [t for t in (_by_value(m.type) for m in struct_.members) if t is not None]
            if done:
                open_.discard(id(struct_))
                depth = 1 + max((depths.get(id(t), 0) for t in inner), default=0)
                if depth > _MOST_NESTING:
                    self._fail(f"type {number} ({root.name!r}) is nested {depth} structs deep")
                depths[id(struct_)] = depth
                continue
            if id(struct_) in open_:
                self._fail(f"type {number} ({root.name!r}) contains itself")
            open_.add(id(struct_))
            stack.append((struct_, True))
            stack += [(t, False) for t in inner if id(t) not in depths]

    def _needs(self, number: int) -> list[int]:
        """Return the ids that must be made before type ``number`` can be."""
        data = self.data
        at = self._record(number)
        _, info, type_id = self._common(data, at)
        kind = info >> 24 & 31
        if kind in _ONE_TYPE or kind in (wire.KIND_FUNC, wire.KIND_VAR, wire.KIND_DECL_TAG):
            return [type_id]
        if kind == wire.KIND_ARRAY:
            return list(struct.unpack_from(self._order + "II", data, at + 12))
        if kind == wire.KIND_FUNC_PROTO:
            count = info & 0xFFFF
            return [
                type_id,
                *struct.unpack_from(f"{self._order}{2 * count}I", data, at + 12)[1::2],
            ]
        if kind == wire.KIND_DATASEC:
            count = info & 0xFFFF
            return list(struct.unpack_from(f"{self._order}{3 * count}I", data, at + 12)[::3])
        return []

    def _make(self, number: int) -> BtfType:
        """Return the object for type ``number``, whose needs are made."""
        data = self.data
        order = self._order
        at = self._record(number)
        name_at, info, size = self._common(data, at)
        name = self.string(name_at)
        kind = info >> 24 & 31
        vlen = info & 0xFFFF
        flag = bool(info >> 31)
        at += 12
        simple = _ONE_TYPE.get(kind)
        if simple is not None:
            return simple(self.type(size), name)
        if kind == wire.KIND_STRUCT or kind == wire.KIND_UNION:
            shape = Struct if kind == wire.KIND_STRUCT else Union
            return shape.deferred(name, size, partial(self._members, number, vlen, flag))
        if kind == wire.KIND_INT:
            word = self._word(data, at)[0]
            return Int(name, size, word >> 24 & 15, word & 0xFF, word >> 16 & 0xFF)
        if kind == wire.KIND_ENUM:
            flat = struct.unpack_from(order + "Ii" * vlen, data, at)
            values = [(self.string(n), v if flag else v & 0xFFFFFFFF) for n, v in _pairs(flat)]
            return Enum(name, size, values, signed=flag)
        if kind == wire.KIND_ENUM64:
            flat = struct.unpack_from(order + "III" * vlen, data, at)
            sign = 1 << 63 if flag else 0
            values = [
                (self.string(n), ((high << 32 | low) ^ sign) - sign)
                for n, low, high in zip(flat[::3], flat[1::3], flat[2::3])
            ]
            return Enum(name, size, values, signed=flag)
        if kind == wire.KIND_FWD:
            return Fwd(name, is_union=flag)
        if kind == wire.KIND_FLOAT:
            return Float(name, size)
        if kind == wire.KIND_ARRAY:
            element, index, count = struct.unpack_from(order + "III", data, at)
            index_type = self.type(index)
            if index_type is None:
                self._fail(f"array {number} has void as its index type")
            return Array(self.type(element), count, index_type)
        if kind == wire.KIND_FUNC_PROTO:
            flat = struct.unpack_from(order + "II" * vlen, data, at)
            params = [(self.string(n), self.type(t)) for n, t in _pairs(flat)]
            return FuncProto(self.type(size), params)
        if kind == wire.KIND_FUNC:
            proto = self.type(size)
            if not isinstance(proto, FuncProto):
                self._fail(f"function {number} ({name!r}) has type {size}, which is no prototype")
            return Func(name, proto, vlen)
        if kind == wire.KIND_VAR:
            return Var(name, self.type(size), self._word(data, at)[0])
        if kind == wire.KIND_DECL_TAG:
            tagged = self.type(size)
            if tagged is None:
                self._fail(f"tag {number} ({name!r}) is on void")
            component = self._word(data, at)[0]
            return DeclTag(name, tagged, component - (component >> 31 << 32))
        vars: list[tuple[Var | Func, int, int]] = []
        for type_id, offset, length in struct.iter_unpack(order + "III", data[at : at + 12 * vlen]):
            var = self.type(type_id)
            if not isinstance(var, (Var, Func)):
                self._fail(f"section {number} ({name!r}) lists type {type_id}, no variable")
            vars.append((var, offset, length))
        return Datasec(name, size, vars)

    def _members(self, number: int, vlen: int, bitfields: bool) -> list[Member]:
        at = self._record(number) + 12
        members: list[Member] = []
        for name, type_id, offset in struct.iter_unpack(
            self._order + "III", self.data[at : at + 12 * vlen]
        ):
            width = offset >> 24 if bitfields else 0
            place = offset & 0xFFFFFF if bitfields else offset
            members.append(Member(self.string(name), self.type(type_id), place, width))
        return members


def _by_value(type: TypeRef) -> Struct | None:
    """Return the struct of which a member of ``type`` holds one or more, if any."""
    base = strip(type)
    while isinstance(base, Array):
        base = strip(base.type)
    return base if isinstance(base, Struct) else None


def _pairs(flat: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    return zip(flat[::2], flat[1::2])


def _little(table: array[int]) -> array[int]:
    """Return ``table`` in the other byte order on big-endian hosts: saved indexes are little."""
    if sys.byteorder == "big":
        table = array("I", table)
        table.byteswap()
    return table


def _fingerprint(data: bytes) -> int:
    """Return a checksum that tells two kernels' BTF apart without reading all of it.

    64 samples of 1 KiB and the length: a rebuilt kernel moves nearly every id and string offset.
    """
    size = len(data)
    check = zlib.crc32(struct.pack("<Q", size))
    step = max(size // 64, 1024)
    for at in range(0, size, step):
        check = zlib.crc32(data[at : at + 1024], check)
    return check
