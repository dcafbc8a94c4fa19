"""C types to BTF types, with clang's choice of what is written in full.

A record reached from a member through a pointer is only named there (``Fwd``), unless something else
needs it in full: a function's parameter, a global, a by-value member, a map definition, a CO-RE
relocation. Such pointers are collected and pointed to the record or to its forward declaration at
the end, by ``finish``. Function types are always followed, whatever contains them.
Source: kernel Documentation/bpf/btf.rst; the choice was measured with clang 19's objects.
"""

from __future__ import annotations

from typing import Any

from ...btf import types as btf
from ..ctype.types import (
    ArrayType,
    CType,
    EnumType,
    Field,
    FloatType,
    FuncType,
    IntType,
    PointerType,
    Qualified,
    RecordType,
    Typedef,
    VoidType,
    strip,
)
from ..tast.nodes import FuncSymbol, VarSymbol


class _Later:
    """Stands for a named record whose full form this reference does not ask for."""

    __slots__ = ("record",)

    def __init__(self, record: RecordType) -> None:
        self.record = record


class TypeMapper:
    """Converts types, each once. ``decl_tags`` collects the tags of records and members."""

    def __init__(self) -> None:
        self.decl_tags: list[btf.DeclTag] = []
        self._ints: dict[str, btf.BtfType] = {}
        self._records: dict[RecordType, btf.Struct] = {}
        self._forwards: dict[tuple[str, str], btf.Fwd] = {}
        self._enums: dict[EnumType, btf.Enum] = {}
        self._typedefs: dict[Typedef, btf.Typedef] = {}
        self._followed: set[Typedef] = set()
        self._fixups: list[tuple[Any, RecordType]] = []
        self._pending: list[RecordType] = []
        self._index = btf.Int("__ARRAY_SIZE_TYPE__", 4)

    # ------------------------------------------------------------------ entry points
    def full(self, t: CType) -> btf.TypeRef:
        """Return ``t`` in full; None for void."""
        found: btf.TypeRef = self._convert(t, False, False)
        self._drain()
        return found

    def record(self, t: CType) -> btf.BtfType:
        """Return ``t`` (a record, enum or typedef of one) as the root of a CO-RE relocation."""
        found = self.full(t)
        while isinstance(found, (btf.Const, btf.Volatile, btf.Restrict, btf.TypeTag)):
            found = found.type
        return found if found is not None else btf.Int("void", 0)

    def function(
        self, symbol: FuncSymbol, linkage: int, names: list[str] | None = None
    ) -> btf.Func:
        """Return the Func of ``symbol``, with its parameters' names."""
        kind = strip(symbol.type)
        assert isinstance(kind, FuncType)
        proto = self._proto(kind, names)
        self._drain()
        func = btf.Func(symbol.link_name, proto, linkage)
        self.decl_tags += [btf.DeclTag(text, func) for text in symbol.decl_tags]
        for index, texts in sorted(kind.param_tags.items()):
            self.decl_tags += [btf.DeclTag(text, func, index) for text in texts]
        return func

    def variable(self, symbol: VarSymbol, linkage: int) -> btf.Var:
        """Return the Var of ``symbol``; a map definition's members are followed in full."""
        if symbol.section == ".maps" or symbol.section.startswith("maps"):
            self._map_members(symbol.type, 0)
        var = btf.Var(symbol.link_name, self.full(symbol.type), linkage)
        self.decl_tags += [btf.DeclTag(text, var) for text in symbol.decl_tags]
        return var

    def finish(self) -> None:
        """Point the references that waited to their records, or to forward declarations."""
        for holder, record in self._fixups:
            holder.type = self._records.get(record) or self._forward(record)
        self._fixups.clear()

    # ------------------------------------------------------------------ conversion
    def _convert(self, t: CType, check: bool, seen: bool) -> Any:
        """Convert ``t``. ``check``: from a member; ``seen``: through a pointer in it."""
        if isinstance(t, VoidType):
            return None
        if isinstance(t, IntType):
            return self._int(t)
        if isinstance(t, PointerType):
            return self._pointer(t, check, seen)
        if isinstance(t, Typedef):
            return self._typedef(t, check, seen)
        if isinstance(t, Qualified):
            return self._qualified(t, check, seen)
        if isinstance(t, RecordType):
            return self._record(t, check and seen)
        if isinstance(t, EnumType):
            return self._enum(t)
        if isinstance(t, ArrayType):
            # An array's elements are visited afresh, as a member's type is.
            array = btf.Array(None, t.count or 0, self._index)
            return self._refer(array, self._convert(t.elem, check, seen))
        if isinstance(t, FuncType):
            return self._proto(t)
        if isinstance(t, FloatType):
            found = self._ints.get(t.name)
            if found is None:
                found = self._ints[t.name] = btf.Float(t.name, t.size)
            return found
        return None

    def _refer(self, holder: Any, target: Any) -> Any:
        """Let ``holder.type`` be ``target``, now or at the end."""
        if isinstance(target, _Later):
            self._fixups.append((holder, target.record))
        else:
            holder.type = target
        return holder

    def _int(self, t: IntType) -> btf.BtfType:
        found = self._ints.get(t.name)
        if found is None:
            encoding = btf.Int.BOOL if t.rank == 0 else btf.Int.SIGNED if t.signed else 0
            found = self._ints[t.name] = btf.Int(t.name, t.size, encoding)
        return found

    def _modifier(self, cls: type[btf.Modifier], target: Any, name: str = "") -> btf.Modifier:
        holder: btf.Modifier = self._refer(cls(None, name), target)
        return holder

    def _pointer(self, t: PointerType, check: bool, seen: bool) -> btf.BtfType:
        to = t.to
        tagged = isinstance(to, Qualified) and bool(to.tags)
        seen = seen or (check and not tagged)
        return self._modifier(btf.Ptr, self._convert(to, check, seen))

    def _qualified(self, t: Qualified, check: bool, seen: bool) -> Any:
        if not (t.const or t.volatile or t.restrict or t.tags):
            return self._convert(t.base, check, seen)
        found = self._convert(t.base, check, seen)
        if isinstance(strip(t.base), ArrayType):
            return found  # qualifiers of arrays are their elements'
        if t.restrict:
            found = self._modifier(btf.Restrict, found)
        if t.volatile:
            found = self._modifier(btf.Volatile, found)
        if t.const:
            found = self._modifier(btf.Const, found)
        for tag in t.tags:
            found = self._modifier(btf.TypeTag, found, tag)
        return found

    def _typedef(self, t: Typedef, check: bool, seen: bool) -> btf.BtfType:
        found = self._typedefs.get(t)
        if found is None:
            found = self._typedefs[t] = btf.Typedef(None, t.name)
            self._refer(found, self._convert(t.to, check, seen))
            self.decl_tags += [btf.DeclTag(text, found) for text in t.decl_tags]
            if not (check and seen):
                self._followed.add(t)
        elif not (check and seen) and t not in self._followed:
            self._followed.add(t)  # known through a member's pointer only: now in full
            self._convert(t.to, check, seen)
        return found

    def _enum(self, t: EnumType) -> btf.BtfType:
        found = self._enums.get(t)
        if found is None:
            underlying = t.underlying
            size = underlying.size if underlying is not None else 4
            signed = underlying is not None and underlying.signed
            found = btf.Enum(t.tag, size, list(t.enumerators), signed=signed)
            self._enums[t] = found
        return found

    def _proto(self, t: FuncType, names: list[str] | None = None) -> btf.FuncProto:
        params: list[tuple[str, btf.TypeRef]] = []
        proto = btf.FuncProto(None, params)
        proto.ret = self._convert(t.ret, False, False)
        for i, (_, param) in enumerate(t.params):
            name = names[i] if names is not None and i < len(names) else ""
            params.append((name, self._convert(param, False, False)))
        if t.variadic:
            params.append(("", None))
        return proto

    # ------------------------------------------------------------------ records
    def _record(self, t: RecordType, later: bool) -> Any:
        found = self._records.get(t)
        if found is not None:
            return found
        if later and t.tag:
            return _Later(t)
        if t.fields is None:
            return self._forward(t)
        cls = btf.Struct if t.kind == "struct" else btf.Union
        found = self._records[t] = cls(t.tag, t.size)
        self._pending.append(t)
        return found

    def _forward(self, t: RecordType) -> btf.Fwd:
        key = (t.kind, t.tag)
        found = self._forwards.get(key)
        if found is None:
            found = self._forwards[key] = btf.Fwd(t.tag, is_union=t.kind == "union")
        return found

    def _drain(self) -> None:
        """Fill in the records that were begun, without recursion through their members."""
        while self._pending:
            record = self._pending.pop(0)
            target = self._records[record]
            self.decl_tags += [btf.DeclTag(text, target) for text in record.decl_tags]
            for field in record.fields or ():
                if field.name or field.width is None:
                    self._member(target, field)

    def _member(self, target: btf.Struct, field: Field) -> None:
        member = btf.Member(field.name, None, field.offset, field.width or 0)
        self._refer(member, self._convert(field.type, True, False))
        index = len(target.members)
        target.members.append(member)
        self.decl_tags += [btf.DeclTag(text, target, index) for text in field.decl_tags]

    def _map_members(self, t: CType, depth: int) -> None:
        """Follow the members of a map definition, and of an inner map's, in full."""
        real = strip(t)
        while isinstance(real, (PointerType, ArrayType)):
            real = strip(real.to if isinstance(real, PointerType) else real.elem)
        if not isinstance(real, RecordType) or depth > 2:
            return
        for field in real.fields or ():
            self._convert(field.type, False, False)
            if field.name == "values":
                self._map_members(field.type, depth + 1)

    # ------------------------------------------------------------------ CO-RE
    def field_index(self, record: RecordType, field: Field) -> int:
        """Return the position of ``field`` among the members that BTF has of ``record``."""
        index = 0
        for each in record.fields or ():
            if each is field:
                return index
            if each.name or each.width is None:
                index += 1
        return index
