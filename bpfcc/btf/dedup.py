"""Making equal types of several graphs one type.

Two structs are equal when names, sizes, members and, all the way down, the members' types are. Since
structs refer to themselves, equality is assumed while it is being checked: a pair that is met again
counts as equal unless something else differs. A forward declaration takes the place of, and gives
way to, the only struct of its name.

Pointers, arrays, prototypes and the like need no care here: the writer shares them by shape.
Source: the idea of libbpf's btf__dedup (https://facebookmicrosites.github.io/bpf/blog, 2018).
"""

from __future__ import annotations

from collections.abc import Iterable

from .types import (
    Array,
    BtfType,
    Datasec,
    DeclTag,
    Enum,
    Float,
    Func,
    FuncProto,
    Fwd,
    Int,
    Modifier,
    Struct,
    TypeRef,
    Union,
    Var,
)


class Unifier:
    """Collects roots of several graphs and merges their equal structs, unions and enums in place."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], list[BtfType]] = {}
        self._same: dict[int, BtfType] = {}  # by id of a type: the one that stands for it
        self._all: list[BtfType] = []
        self._seen: set[int] = set()

    def add(self, roots: Iterable[TypeRef]) -> None:
        """Add a graph. Types of one name in it and in earlier ones will be compared."""
        for type in self._reach(roots):
            self._all.append(type)
            if not isinstance(type, (Struct, Enum)) or id(type) in self._same:
                continue
            group = self._known.setdefault(_key(type), [])
            for candidate in group:
                pairs = self._equal(type, candidate)
                if pairs is not None:
                    for mine, theirs in pairs:
                        self._same.setdefault(id(mine), self.of(theirs))
                    break
            else:
                group.append(type)

    def of(self, type: BtfType) -> BtfType:
        """Return the type that stands for ``type``."""
        while True:
            other = self._same.get(id(type))
            if other is None or other is type:
                return type
            type = other

    def finish(self) -> None:
        """Let every reference in all graphs point to the types that stand for the others."""
        by_name: dict[tuple[type, str], list[Struct]] = {}
        for type in self._all:
            if isinstance(type, Struct) and type.name and self.of(type) is type:
                by_name.setdefault((type.__class__, type.name), []).append(type)
        for type in self._all:
            if isinstance(type, Fwd):
                full = by_name.get((Union if type.is_union else Struct, type.name), [])
                if len(full) == 1:
                    self._same[id(type)] = full[0]
        for type in self._all:
            self._rewrite(type)

    def _ref(self, type: TypeRef) -> TypeRef:
        return None if type is None else self.of(type)

    def _rewrite(self, type: BtfType) -> None:
        if isinstance(type, (Modifier, Array, Var)):
            type.type = self._ref(type.type)
        elif isinstance(type, Struct):
            for member in type.members:
                member.type = self._ref(member.type)
        elif isinstance(type, FuncProto):
            type.ret = self._ref(type.ret)
            type.params = [(name, self._ref(param)) for name, param in type.params]
        elif isinstance(type, DeclTag):
            type.type = self.of(type.type)

    def _reach(self, roots: Iterable[TypeRef]) -> list[BtfType]:
        """Return what ``roots`` reach and no earlier graph did, in order of discovery."""
        found: list[BtfType] = []
        stack = [root for root in roots if root is not None]
        stack.reverse()
        while stack:
            type = stack.pop()
            if id(type) in self._seen:
                continue
            self._seen.add(id(type))
            found.append(type)
            stack += [t for t in reversed(_refs(type)) if t is not None]
        return found

    def _equal(self, mine: BtfType, theirs: BtfType) -> list[tuple[BtfType, BtfType]] | None:
        """Return the pairs that are equal if these two are; None if they are not."""
        assumed: dict[tuple[int, int], tuple[BtfType, BtfType]] = {}
        stack: list[tuple[TypeRef, TypeRef]] = [(mine, theirs)]
        while stack:
            a, b = stack.pop()
            a, b = self._ref(a), self._ref(b)
            if a is b or (a is not None and b is not None and (id(a), id(b)) in assumed):
                continue
            if a is None or b is None:
                return None
            if _forward_of(a, b) or _forward_of(b, a):
                continue
            if _key(a) != _key(b):
                return None
            assumed[id(a), id(b)] = (a, b)
            mine_refs, their_refs = _refs(a), _refs(b)
            if len(mine_refs) != len(their_refs):
                return None
            stack += zip(mine_refs, their_refs)
        return [pair for pair in assumed.values() if isinstance(pair[0], (Struct, Enum))]


def _forward_of(a: BtfType, b: BtfType) -> bool:
    return (
        isinstance(a, Fwd)
        and isinstance(b, Struct)
        and a.name == b.name
        and a.is_union == isinstance(b, Union)
    )


def _refs(type: BtfType) -> list[TypeRef]:
    """Return what ``type`` refers to, in an order that equal types share."""
    if isinstance(type, Modifier):
        return [type.type]
    if isinstance(type, Array):
        return [type.type, type.index]
    if isinstance(type, Struct):
        return [member.type for member in type.members]
    if isinstance(type, FuncProto):
        return [type.ret, *(param for _, param in type.params)]
    if isinstance(type, Func):
        return [type.proto]
    if isinstance(type, (Var, DeclTag)):
        return [type.type]
    if isinstance(type, Datasec):
        return [var for var, _, _ in type.vars]
    return []


def _key(type: BtfType) -> tuple[object, ...]:
    """Return all of ``type`` but what it refers to."""
    head = (type.__class__, type.name)
    if isinstance(type, Struct):
        members = tuple((m.name, m.bit_offset, m.bitfield_size) for m in type.members)
        return (*head, type.size, members)
    if isinstance(type, Enum):
        return (*head, type.size, type.signed, tuple(type.values))
    if isinstance(type, Int):
        return (*head, type.size, type.bits, type.encoding, type.offset)
    if isinstance(type, Float):
        return (*head, type.size)
    if isinstance(type, Array):
        return (*head, type.nelems)
    if isinstance(type, Fwd):
        return (*head, type.is_union)
    if isinstance(type, FuncProto):
        return (*head, tuple(name for name, _ in type.params))
    if isinstance(type, (Func, Var)):
        return (*head, type.linkage)
    if isinstance(type, DeclTag):
        return (*head, type.component)
    return head
