"""The types of C, as the BPF target has them (LP64, little or big endian, char signed).

Sugar is kept: ``Typedef`` and ``Qualified`` wrap another type, so that messages and BTF can show
what the author wrote; ``strip`` removes both. Types are compared with ``ctype.relations``, never
with ``==``; ``RecordType`` and ``EnumType`` have identity (C17 6.2.7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class CType:
    """Base of all types. ``sugar``: it only names or qualifies another type (see ``strip``)."""

    __slots__ = ()
    sugar = False


class VoidType(CType):
    """``void``."""

    __slots__ = ()


class IntType(CType):
    """An integer type; ``rank`` orders conversions (C17 6.3.1.1). ``size`` in bytes.

    ``name`` is the canonical spelling ("unsigned long"). ``_Bool`` has rank 0 and size 1.
    """

    __slots__ = ("name", "rank", "signed", "size")

    def __init__(self, name: str, size: int, signed: bool, rank: int) -> None:
        self.name = name
        self.size = size
        self.signed = signed
        self.rank = rank

    @property
    def bits(self) -> int:
        """Value bits: 1 for ``_Bool``, else 8 per byte."""
        return 1 if self.rank == 0 else self.size * 8

    def __repr__(self) -> str:
        return self.name


class FloatType(CType):
    """``float``, ``double``, ``long double``: known so that they can be laid out and refused."""

    __slots__ = ("name", "size")

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size


class PointerType(CType):
    """Pointer to ``to``. ``address_space``: clang's number, 1 = arena."""

    __slots__ = ("address_space", "to")

    def __init__(self, to: CType, address_space: int = 0) -> None:
        self.to = to
        self.address_space = address_space


class ArrayType(CType):
    """``count`` elements of ``elem``; None = unknown bound (flexible member, extern, [])."""

    __slots__ = ("count", "elem")

    def __init__(self, elem: CType, count: int | None) -> None:
        self.elem = elem
        self.count = count


class FuncType(CType):
    """A function; ``params`` are (name or "", type after adjustment).

    ``prototype`` is False for ``f()``, which says nothing about the parameters.
    """

    __slots__ = ("param_tags", "params", "prototype", "ret", "variadic")

    def __init__(
        self,
        ret: CType,
        params: list[tuple[str, CType]],
        *,
        variadic: bool = False,
        prototype: bool = True,
    ) -> None:
        self.ret = ret
        self.params = params
        self.variadic = variadic
        self.prototype = prototype
        self.param_tags: dict[int, list[str]] = {}  # btf_decl_tag per parameter index


class Field:
    """A member of a record. ``offset``: *bits* from the start of the record.

    ``width`` is None unless it is a bit-field. Anonymous struct/union members have name "".
    """

    __slots__ = ("align", "decl_tags", "name", "offset", "type", "width")

    def __init__(
        self, name: str, type: CType, offset: int, width: int | None = None, align: int = 0
    ) -> None:
        self.name = name
        self.type = type
        self.offset = offset
        self.width = width
        self.align = align  # explicit aligned attribute in bytes, 0 = none
        self.decl_tags: list[str] = []


class RecordType(CType):
    """A struct or union. Incomplete while ``fields`` is None.

    ``completer``, when set, is called once to fill in fields, size and align: types that live in
    a header's declaration index or in BTF are completed only when a program needs their members.
    ``core``: member accesses are CO-RE relocations (preserve_access_index).
    """

    __slots__ = (
        "_fields",
        "align",
        "completer",
        "core",
        "decl_tags",
        "kind",
        "packed",
        "paths",
        "size",
        "tag",
        "transparent",
    )

    def __init__(self, kind: str, tag: str) -> None:
        self.kind = kind  # "struct" or "union"
        self.tag = tag
        self._fields: list[Field] | None = None
        self.size = 0
        self.align = 1
        self.packed = False
        self.core = False
        self.transparent = False  # transparent_union
        self.decl_tags: list[str] = []
        self.completer: Callable[[RecordType], None] | None = None
        # Member name -> the way to it through anonymous members; filled by who looks names up.
        self.paths: dict[str, list[Field]] | None = None

    @property
    def fields(self) -> list[Field] | None:
        """The members in order, None while incomplete; runs ``completer`` the first time."""
        if self._fields is None and self.completer is not None:
            completer, self.completer = self.completer, None
            completer(self)
        return self._fields

    @fields.setter
    def fields(self, value: list[Field] | None) -> None:
        self._fields = value

    def __repr__(self) -> str:
        return f"{self.kind} {self.tag or '(unnamed)'}"


class EnumType(CType):
    """An enum; ``underlying`` is its integer type, None while incomplete."""

    __slots__ = ("enumerators", "packed", "tag", "underlying")

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.underlying: IntType | None = None
        self.enumerators: list[tuple[str, int]] = []
        self.packed = False


class Typedef(CType):
    """``name`` stands for ``to``. ``align`` overrides the alignment when not 0 (bytes)."""

    __slots__ = ("align", "decl_tags", "name", "to")
    sugar = True

    def __init__(self, name: str, to: CType, align: int = 0) -> None:
        self.name = name
        self.to = to
        self.align = align
        self.decl_tags: list[str] = []


class Qualified(CType):
    """``base`` with qualifiers; ``tags`` are btf_type_tag texts (on the pointed-to type).

    ``space`` is the address space of an object of this type; a pointer to it has the same number.
    """

    __slots__ = ("atomic", "base", "const", "restrict", "space", "tags", "volatile")
    sugar = True

    def __init__(
        self,
        base: CType,
        *,
        const: bool = False,
        volatile: bool = False,
        restrict: bool = False,
        atomic: bool = False,
        tags: tuple[str, ...] = (),
        space: int = 0,
    ) -> None:
        self.base = base
        self.const = const
        self.volatile = volatile
        self.restrict = restrict
        self.atomic = atomic
        self.tags = tags
        self.space = space


VOID = VoidType()
BOOL = IntType("_Bool", 1, False, 0)
CHAR = IntType("char", 1, True, 1)
SCHAR = IntType("signed char", 1, True, 1)
UCHAR = IntType("unsigned char", 1, False, 1)
SHORT = IntType("short", 2, True, 2)
USHORT = IntType("unsigned short", 2, False, 2)
INT = IntType("int", 4, True, 3)
UINT = IntType("unsigned int", 4, False, 3)
LONG = IntType("long", 8, True, 4)
ULONG = IntType("unsigned long", 8, False, 4)
LLONG = IntType("long long", 8, True, 5)
ULLONG = IntType("unsigned long long", 8, False, 5)
INT128 = IntType("__int128", 16, True, 6)
UINT128 = IntType("unsigned __int128", 16, False, 6)
FLOAT = FloatType("float", 4)
DOUBLE = FloatType("double", 8)
LONG_DOUBLE = FloatType("long double", 8)  # as double, on this target
VOID_PTR = PointerType(VOID)


def strip(t: CType) -> CType:
    """Return ``t`` without typedefs and qualifiers."""
    while t.sugar:
        t = t.to if isinstance(t, Typedef) else t.base  # type: ignore[attr-defined]
    return t
