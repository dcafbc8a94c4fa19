"""Maps of the running kernel: create, read, write, walk, decode by BTF.

Keys and values go in and out as bytes; ``decode_key`` and ``decode_value`` turn them into Python
values by the map's BTF types where it has them. A per-CPU map's value is the list of the values of
all possible CPUs, in order.
"""

from __future__ import annotations

import errno
import mmap
import struct
from collections.abc import Iterator
from typing import Literal

from ..btf.layout import strip
from ..btf.types import BtfType, Ptr
from ..btf.values import Value, decode, encode
from ..support.errors import InputError
from ..uapi.map_types import FLAG_NAMES, MapFlag, MapType, c_name, rule, size_ok, size_words
from . import syscall
from .syscall import Descriptor, KernelError, address, bpf, buffer_of

ANY, NOEXIST, EXIST, LOCK = 0, 1, 2, 4  # flags of an update
PER_CPU = (
    MapType.PERCPU_HASH,
    MapType.PERCPU_ARRAY,
    MapType.LRU_PERCPU_HASH,
    MapType.PERCPU_CGROUP_STORAGE,
)
_INFO = struct.Struct("=IIIIII16s")
_BATCH = 512


class Map(Descriptor):
    """A map. Sizes in bytes; ``key_type``/``value_type`` are None when no BTF tells them."""

    def __init__(
        self,
        fd: int,
        name: str,
        type: int,
        key_size: int,
        value_size: int,
        max_entries: int,
        flags: int = 0,
        *,
        key_type: BtfType | None = None,
        value_type: BtfType | None = None,
    ) -> None:
        super().__init__(fd)
        self.name = name
        self.type = type
        self.key_size = key_size
        self.value_size = value_size
        self.max_entries = max_entries
        self.flags = flags
        self.key_type = key_type
        self.value_type = value_type
        self.per_cpu = type in PER_CPU
        self._batches = True
        # The kernel copies per-CPU values 8-aligned, one after the other.
        self._copied = (
            (value_size + 7) // 8 * 8 * syscall.possible_cpus() if self.per_cpu else value_size
        )

    @classmethod
    def from_fd(cls, fd: int, name: str = "") -> Map:
        """Return the map behind ``fd``, which it then owns, with sizes as the kernel tells them."""
        info = syscall.info_by_fd(fd, 80)
        kind, _, key, value, entries, flags, kernel_name = _INFO.unpack_from(info)
        name = name or kernel_name.split(b"\0", 1)[0].decode("ascii", "replace")
        return cls(fd, name, kind, key, value, entries, flags)

    @property
    def id(self) -> int:
        """The kernel's number for the map."""
        number: int = struct.unpack_from("=I", syscall.info_by_fd(self.fd, 80), 4)[0]
        return number

    def __repr__(self) -> str:
        return f"Map({self.name!r}, {c_name(self.type)})"

    # One element ----------------------------------------------------------------------------

    def lookup(self, key: bytes, flags: int = 0) -> bytes | None:
        """Return the value at ``key`` (all CPUs' values, joined, of a per-CPU map), or None."""
        return self._read(syscall.MAP_LOOKUP_ELEM, key, flags)

    def lookup_and_delete(self, key: bytes = b"") -> bytes | None:
        """Take the element at ``key`` out (the next one of a queue or stack); None if none is."""
        return self._read(syscall.MAP_LOOKUP_AND_DELETE_ELEM, key, 0)

    def _read(self, command: int, key: bytes, flags: int) -> bytes | None:
        self._check_key(key)
        key_buffer = buffer_of(key)
        value = buffer_of(bytes(self._copied))
        try:
            bpf(command, self._attr(key_buffer, value, flags))
        except KernelError as error:
            if error.errno == errno.ENOENT:
                return None
            raise self._failed("read", error) from None
        return value.raw[: self._copied]

    def update(self, key: bytes, value: bytes, flags: int = ANY) -> None:
        """Set the value at ``key``; a per-CPU map takes one value for all CPUs, or all of them."""
        self._check_key(key)
        if self.per_cpu and len(value) == self.value_size != self._copied:
            padded = value + bytes(-len(value) % 8)
            value = padded * (self._copied // len(padded))
        if len(value) != self._copied:
            raise InputError(
                f"map {self.name!r}: a value of {len(value)} bytes, its values have {self._copied}"
            )
        try:
            key_buffer, value_buffer = buffer_of(key), buffer_of(value)
            bpf(syscall.MAP_UPDATE_ELEM, self._attr(key_buffer, value_buffer, flags))
        except KernelError as error:
            raise self._failed("update", error) from None

    def delete(self, key: bytes) -> bool:
        """Remove the element at ``key``; False when there was none."""
        self._check_key(key)
        key_buffer = buffer_of(key)
        try:
            bpf(syscall.MAP_DELETE_ELEM, self._attr(key_buffer, None, 0))
        except KernelError as error:
            if error.errno == errno.ENOENT:
                return False
            raise self._failed("delete from", error) from None
        return True

    def _attr(self, key: object, value: object, flags: int) -> bytes:
        key_at = address(key) if self.key_size else 0
        return struct.pack("=I4xQQQ", self.fd, key_at, address(value), flags)

    def _check_key(self, key: bytes) -> None:
        if len(key) != self.key_size:
            raise InputError(
                f"map {self.name!r}: a key of {len(key)} bytes, its keys have {self.key_size}"
            )

    def _failed(self, verb: str, error: KernelError) -> KernelError:
        return KernelError(f"cannot {verb} map {self.name!r}: {error}", error.errno, error.command)

    # All elements ---------------------------------------------------------------------------

    def keys(self) -> Iterator[bytes]:
        """Yield the keys that are there; elements that come and go meanwhile may be missed."""
        key: bytes | None = None
        seen = 0
        # A hash map whose current key is deleted starts over: bound the walk.
        while seen <= 2 * max(self.max_entries, 1):
            following = buffer_of(bytes(self.key_size))
            key_buffer = buffer_of(key) if key is not None else None
            try:
                bpf(
                    syscall.MAP_GET_NEXT_KEY,
                    struct.pack("=I4xQQQ", self.fd, address(key_buffer), address(following), 0),
                )
            except KernelError as error:
                if error.errno == errno.ENOENT:
                    return
                raise self._failed("walk", error) from None
            key = following.raw[: self.key_size]
            seen += 1
            yield key

    def items(self) -> list[tuple[bytes, bytes]]:
        """Return (key, value) of all elements, by batches where the kernel can."""
        if self._batches:
            try:
                return self._batch_items()
            except KernelError as error:
                if error.errno not in (errno.EINVAL, 524, errno.EPERM, errno.ENOSPC):
                    raise self._failed("read", error) from None
                self._batches = False
        found = ((key, self.lookup(key)) for key in self.keys())
        return [(key, value) for key, value in found if value is not None]

    def _batch_items(self) -> list[tuple[bytes, bytes]]:
        result: list[tuple[bytes, bytes]] = []
        count = min(_BATCH, max(self.max_entries, 1))
        position = buffer_of(bytes(max(self.key_size, 8)))
        first = True
        while True:
            keys = buffer_of(bytes(self.key_size * count))
            values = buffer_of(bytes(self._copied * count))
            attr = struct.pack(
                "=QQQQIIQQ",
                0 if first else address(position),
                address(position),
                address(keys),
                address(values),
                count,
                self.fd,
                0,
                0,
            )
            done = False
            try:
                _, attr = bpf(syscall.MAP_LOOKUP_BATCH, attr)
            except syscall.BpfFailure as error:
                if error.errno == errno.ENOSPC and count < 1 << 20:
                    count *= 4  # one hash bucket held more than fits
                    continue
                if error.errno != errno.ENOENT:
                    raise
                attr = error.attr
                done = True
            got: int = struct.unpack_from("=I", attr, 32)[0]
            raw_keys, raw_values = keys.raw, values.raw
            size, width = self.key_size, self._copied
            result += [
                (raw_keys[i * size : (i + 1) * size], raw_values[i * width : (i + 1) * width])
                for i in range(got)
            ]
            if done:
                return result
            first = False

    def clear(self) -> None:
        """Remove all elements (set them to zero in an array)."""
        for key in list(self.keys()):
            if self.type in (MapType.ARRAY, MapType.PERCPU_ARRAY):
                self.update(key, bytes(self._copied))
            else:
                self.delete(key)

    def freeze(self) -> None:
        """Forbid writes from user space from now on."""
        bpf(syscall.MAP_FREEZE, struct.pack("=I", self.fd))

    # Python values --------------------------------------------------------------------------

    def decode_key(self, key: bytes, *, names: bool = False) -> Value:
        """Return ``key`` as a Python value by BTF; an integer for 1, 2, 4, 8 bytes without BTF."""
        return _decode(self.key_type, key, names)

    def decode_value(self, value: bytes, *, names: bool = False) -> Value:
        """Return ``value`` likewise; a list of all CPUs' values for a per-CPU map."""
        if self.per_cpu:
            step = (self.value_size + 7) // 8 * 8
            return [
                _decode(self.value_type, value[at : at + self.value_size], names)
                for at in range(0, len(value), step)
            ]
        return _decode(self.value_type, value, names)

    def encode_key(self, key: Value) -> bytes:
        """Return the bytes of a Python value as a key of this map."""
        return _encode(self.key_type, key, self.key_size)

    def encode_value(self, value: Value) -> bytes:
        """Return the bytes of a Python value as a value of this map."""
        return _encode(self.value_type, value, self.value_size)

    @property
    def key_is_pointer(self) -> bool:
        """Whether keys are addresses, which a symbol table can name."""
        return isinstance(strip(self.key_type), Ptr)


def byte_order() -> Literal["little", "big"]:
    """Return this machine's byte order, as ``int.to_bytes`` wants it."""
    return "big" if syscall.big_endian() else "little"


def _decode(type: BtfType | None, data: bytes, names: bool) -> Value:
    big = syscall.big_endian()
    if type is not None:
        return decode(type, data, big_endian=big, names=names)
    if len(data) in (1, 2, 4, 8):
        return int.from_bytes(data, byte_order())
    return data


def _encode(type: BtfType | None, value: Value, size: int) -> bytes:
    if type is not None:
        data = encode(type, value, big_endian=syscall.big_endian())
        return data.ljust(size, b"\0")
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):
        return (value & (1 << 8 * size) - 1).to_bytes(size, byte_order())
    raise InputError(f"{value!r}: without BTF a key or value is bytes or an integer")


def create(
    name: str,
    type: int,
    key_size: int,
    value_size: int,
    max_entries: int,
    flags: int = 0,
    *,
    inner_fd: int = 0,
    numa_node: int | None = None,
    map_extra: int = 0,
    btf_fd: int = 0,
    key_id: int = 0,
    value_id: int = 0,
    vmlinux_value_id: int = 0,
) -> int:
    """Create a map and return its descriptor.

    Raises: KernelError in words: the kernel itself only says EINVAL.
    """
    if numa_node is not None:
        flags |= MapFlag.NUMA_NODE
    attr = struct.pack(
        "=7I16s5IQ",
        type,
        key_size,
        value_size,
        max_entries,
        flags,
        inner_fd,
        numa_node or 0,
        syscall.object_name(name),
        0,
        btf_fd,
        key_id,
        value_id,
        vmlinux_value_id,
        map_extra,
    )
    try:
        return bpf(syscall.MAP_CREATE, attr)[0]
    except KernelError as error:
        raise KernelError(
            f"cannot create map {name!r} ({c_name(type)}, key {key_size}, value {value_size},"
            f" {max_entries} entries, flags {flags:#x}):"
            f" {_broken_rule(type, key_size, value_size, max_entries, flags) or error}",
            error.errno,
            error.command,
        ) from None


def _broken_rule(type: int, key_size: int, value_size: int, max_entries: int, flags: int) -> str:
    """Return which demand of the map's type the attributes break; "" when none is known."""
    known = rule(type)
    if known is None:
        return "this kernel does not know the map type"
    if not size_ok(known.key, key_size):
        return f"its key must have {size_words(known.key)}"
    if not size_ok(known.value, value_size):
        return f"its value must have {size_words(known.value)}"
    if known.entries == "" and not max_entries:
        return "max_entries must not be 0"
    if known.entries == "0" and max_entries:
        return "max_entries must be 0"
    pages = max_entries // mmap.PAGESIZE
    if known.entries == "2^" and (
        pages & pages - 1 or pages * mmap.PAGESIZE != max_entries or not pages
    ):
        return "max_entries must be a power of two and a multiple of the page size"
    wrong = flags & ~known.flags
    if wrong:
        bit = wrong & -wrong
        return f"this type of map does not take flag {FLAG_NAMES.get(bit, hex(bit))}"
    if known.required & ~flags:
        bit = known.required & ~flags
        return f"this type of map needs flag {FLAG_NAMES.get(bit & -bit, hex(bit))}"
    return ""
