"""A graph of BTF types as the bytes of a ``.BTF`` section.

Ids are given in the order in which types are first reached from the roots, so equal graphs give
equal bytes. Everything but structs, unions and enums is shared by shape: two pointers to the same
type, two equal integers or prototypes get one id. Structs, unions and enums are shared by object
identity only, because in C two definitions with equal members are two types.

Source: kernel Documentation/bpf/btf.rst, "Type and string encoding".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from ..support.errors import InternalError
from . import wire
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
    Modifier,
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

_MODIFIERS: dict[type, int] = {
    Ptr: wire.KIND_PTR,
    Typedef: wire.KIND_TYPEDEF,
    Volatile: wire.KIND_VOLATILE,
    Const: wire.KIND_CONST,
    Restrict: wire.KIND_RESTRICT,
    TypeTag: wire.KIND_TYPE_TAG,
}


class BtfImage:
    """Finished BTF: its bytes, and the ids that the types got."""

    __slots__ = ("_ids", "_keep", "data")

    def __init__(self, data: bytes, ids: dict[int, int], keep: list[BtfType]) -> None:
        self.data = data
        self._ids = ids
        self._keep = keep  # ids of objects are only unique while the objects live

    def id_of(self, type: TypeRef) -> int:
        """Return the id of ``type`` (0 for None, which is void); KeyError when it was not added."""
        return 0 if type is None else self._ids[id(type)]


def encode(roots: Iterable[BtfType], *, big_endian: bool = False) -> BtfImage:
    """Return BTF that holds ``roots`` in order, and all they refer to."""
    writer = BtfWriter(big_endian=big_endian)
    for root in roots:
        writer.add(root)
    return writer.finish()


class BtfWriter:
    """Collects types and strings; ``.BTF.ext`` shares the string table, hence the open form."""

    def __init__(self, *, big_endian: bool = False, plain: bool = False) -> None:
        """Start empty.

        ``plain`` leaves out what kernels before 6.0 may not know: type tags become ``const``, floats
        structs without members, 64-bit enums integers, signed enums plain ones.
        """
        self.big_endian = big_endian
        self._plain = plain
        order = ">" if big_endian else "<"
        self._head = struct.Struct(order + "III").pack
        self._word = struct.Struct(order + "I").pack
        self._pair = struct.Struct(order + "II").pack
        self._enum = struct.Struct(order + "Ii").pack
        self._records: list[bytes] = []  # by id - 1
        self._ids: dict[int, int] = {}
        self._keep: list[BtfType] = []
        self._shapes: dict[bytes, int] = {}
        self._pending: list[tuple[Struct, int]] = []
        self._strings: dict[str, int] = {"": 0}
        self._string_data = bytearray(b"\0")

    def string(self, text: str) -> int:
        """Return the offset of ``text`` in the string table, adding it when new."""
        offset = self._strings.get(text)
        if offset is None:
            offset = self._strings[text] = len(self._string_data)
            # A NUL would end the string early and shift every later reader.
            self._string_data += text.replace("\0", " ").encode("utf-8", "surrogateescape")
            self._string_data += b"\0"
        return offset

    def add(self, root: TypeRef) -> int:
        """Add ``root`` and everything it refers to; return its id (0 for None)."""
        if root is None:
            return 0
        number = self._add(root)
        # Members come after their struct, so a cycle finds the struct's id already there.
        position = 0
        while position < len(self._pending):
            self._finish_struct(*self._pending[position])
            position += 1
        self._pending.clear()
        return number

    def finish(self) -> BtfImage:
        """Return the whole section; call once, after the last ``add`` and ``string``."""
        types = b"".join(self._records)
        strings = self._string_data
        header = struct.pack(
            (">" if self.big_endian else "<") + "HBBIIIII",
            wire.MAGIC,
            wire.VERSION,
            0,
            wire.HEADER_SIZE,
            0,
            len(types),
            len(types),
            len(strings),
        )
        return BtfImage(header + types + bytes(strings), self._ids, self._keep)

    # Adding one type -----------------------------------------------------------------------

    def _add(self, root: BtfType) -> int:
        """Give ids to ``root`` and to what must precede it; struct members only get queued."""
        ids = self._ids
        known = ids.get(id(root))
        if known is not None:
            return known
        stack = [root]
        open_: set[int] = set()
        while stack:
            node = stack[-1]
            key = id(node)
            if key in ids:
                stack.pop()
                continue
            missing = [t for t in _needs(node) if id(t) not in ids]
            if missing:
                if key in open_:
                    raise InternalError(
                        f"BTF type {node!r} refers to itself without a struct between",
                        stage="btf.write",
                    )
                open_.add(key)
                stack.extend(reversed(missing))
                continue
            ids[key] = self._number(node)
            self._keep.append(node)
            stack.pop()
        return ids[id(root)]

    def _id(self, type: TypeRef) -> int:
        return 0 if type is None else self._ids[id(type)]

    def _number(self, node: BtfType) -> int:
        """Return the id for ``node``, whose needs have theirs: one of equal shape, or new."""
        if isinstance(node, Struct):
            number = self._append(b"")
            self._pending.append((node, number))
            return number
        if isinstance(node, Enum):
            return self._append(self._encode_enum(node))
        record = self._encode(node)
        if isinstance(node, (Var, Datasec)):
            return self._append(record)
        number = self._shapes.get(record, 0)
        if not number:
            number = self._shapes[record] = self._append(record)
        return number

    def _append(self, record: bytes) -> int:
        self._records.append(record)
        return len(self._records)

    def _common(
        self, name: str, kind: int, size_or_type: int, vlen: int = 0, flag: int = 0
    ) -> bytes:
        if vlen > wire.MAX_VLEN:
            raise InternalError(
                f"{wire.KIND_NAMES[kind]} {name!r} has {vlen} elements, BTF holds {wire.MAX_VLEN}",
                stage="btf.write",
            )
        return self._head(self.string(name), flag << 31 | kind << 24 | vlen, size_or_type)

    def _encode(self, node: BtfType) -> bytes:
        """Return the record of any kind but struct, union, enum."""
        kind = _MODIFIERS.get(type(node))
        if kind is not None:
            if self._plain and isinstance(node, TypeTag):
                return self._common("", wire.KIND_CONST, self._id(node.type))
            assert isinstance(node, Modifier)
            return self._common(node.name, kind, self._id(node.type))
        if isinstance(node, Int):
            return self._common(node.name, wire.KIND_INT, node.size) + self._word(
                node.encoding << 24 | node.offset << 16 | node.bits
            )
        if isinstance(node, Array):
            return (
                self._common("", wire.KIND_ARRAY, 0)
                + self._pair(self._id(node.type), self._id(node.index))
                + self._word(node.nelems)
            )
        if isinstance(node, FuncProto):
            record = self._common("", wire.KIND_FUNC_PROTO, self._id(node.ret), len(node.params))
            return record + b"".join(
                self._pair(self.string(name), self._id(t)) for name, t in node.params
            )
        if isinstance(node, Func):
            return self._common(node.name, wire.KIND_FUNC, self._id(node.proto), node.linkage)
        if isinstance(node, Var):
            return self._common(node.name, wire.KIND_VAR, self._id(node.type)) + self._word(
                node.linkage
            )
        if isinstance(node, Datasec):
            record = self._common(node.name, wire.KIND_DATASEC, node.size, len(node.vars))
            return record + b"".join(
                self._head(self._id(var), offset, size) for var, offset, size in node.vars
            )
        if isinstance(node, Fwd):
            return self._common(node.name, wire.KIND_FWD, 0, 0, int(node.is_union))
        if isinstance(node, Float):
            if self._plain:
                return self._common(node.name, wire.KIND_STRUCT, node.size)
            return self._common(node.name, wire.KIND_FLOAT, node.size)
        if isinstance(node, DeclTag):
            return self._common(node.name, wire.KIND_DECL_TAG, self._id(node.type)) + self._word(
                node.component & 0xFFFFFFFF
            )
        raise InternalError(f"no BTF encoding for {node!r}", stage="btf.write")

    def _encode_enum(self, node: Enum) -> bytes:
        kind = wire.KIND_ENUM64 if node.size > 4 else wire.KIND_ENUM
        if self._plain and kind == wire.KIND_ENUM64:
            encoding = Int.SIGNED if node.signed else 0
            head = self._common(node.name or "enum64", wire.KIND_INT, node.size)
            return head + self._word(encoding << 24 | node.size * 8)
        flag = int(node.signed and not self._plain)
        record = self._common(node.name, kind, node.size, len(node.values), flag)
        if kind == wire.KIND_ENUM:
            return record + b"".join(
                self._enum(self.string(name), (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000)
                for name, value in node.values
            )
        return record + b"".join(
            self._head(self.string(name), value & 0xFFFFFFFF, value >> 32 & 0xFFFFFFFF)
            for name, value in node.values
        )

    def _finish_struct(self, node: Struct, number: int) -> None:
        members = node.members
        flag = any(member.bitfield_size for member in members)
        kind = wire.KIND_UNION if isinstance(node, Union) else wire.KIND_STRUCT
        parts = [self._common(node.name, kind, node.size, len(members), int(flag))]
        for member in members:
            offset = member.bit_offset
            if flag:
                if offset > 0xFFFFFF:
                    raise InternalError(
                        f"bit-fields in a struct over 2 MiB ({node.name!r}) have no BTF form",
                        stage="btf.write",
                    )
                offset |= member.bitfield_size << 24
            target = 0 if member.type is None else self._add(member.type)
            parts.append(self._head(self.string(member.name), target, offset))
        self._records[number - 1] = b"".join(parts)


def _needs(node: BtfType) -> list[BtfType]:
    """Return the types whose ids the record of ``node`` contains; none for structs."""
    if isinstance(node, Modifier):
        return [node.type] if node.type is not None else []
    if isinstance(node, Array):
        return [t for t in (node.type, node.index) if t is not None]
    if isinstance(node, FuncProto):
        needs = [node.ret] if node.ret is not None else []
        return needs + [t for _, t in node.params if t is not None]
    if isinstance(node, Func):
        return [node.proto]
    if isinstance(node, (Var, DeclTag)):
        return [node.type] if node.type is not None else []
    if isinstance(node, Datasec):
        return [var for var, _, _ in node.vars]
    return []
