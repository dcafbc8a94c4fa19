"""BTF types as a graph of Python objects, apart from their wire form.

No object here knows a type id or a string offset: ids exist only in the reader and the writer.
``None`` stands for ``void``. Offsets and sizes say their unit.
Source: kernel Documentation/bpf/btf.rst, "Type and string encoding".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Optional
from typing import Union as _U


class BtfType:
    """Base of all kinds; ``name`` is "" for anonymous types."""

    __slots__ = ("name",)

    def __init__(self, name: str = "") -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


TypeRef = Optional[BtfType]


class Int(BtfType):
    """BTF_KIND_INT. ``size`` in bytes, ``bits`` the value bits (bool, char are encodings)."""

    __slots__ = ("bits", "encoding", "offset", "size")
    SIGNED, CHAR, BOOL = 1, 2, 4

    def __init__(
        self, name: str, size: int, encoding: int = 0, bits: int | None = None, offset: int = 0
    ) -> None:
        super().__init__(name)
        self.size = size
        self.encoding = encoding
        self.bits = size * 8 if bits is None else bits
        self.offset = offset


class Float(BtfType):
    """BTF_KIND_FLOAT; ``size`` in bytes."""

    __slots__ = ("size",)

    def __init__(self, name: str, size: int) -> None:
        super().__init__(name)
        self.size = size


class Modifier(BtfType):
    """What refers to exactly one type: pointer, qualifiers, typedef, type tag."""

    __slots__ = ("type",)

    def __init__(self, type: TypeRef, name: str = "") -> None:
        super().__init__(name)
        self.type = type


class Ptr(Modifier):
    """BTF_KIND_PTR."""

    __slots__ = ()


class Const(Modifier):
    """BTF_KIND_CONST."""

    __slots__ = ()


class Volatile(Modifier):
    """BTF_KIND_VOLATILE."""

    __slots__ = ()


class Restrict(Modifier):
    """BTF_KIND_RESTRICT."""

    __slots__ = ()


class TypeTag(Modifier):
    """BTF_KIND_TYPE_TAG: ``name`` is the tag's text."""

    __slots__ = ()


class Typedef(Modifier):
    """BTF_KIND_TYPEDEF: ``name`` for ``type``."""

    __slots__ = ()


class Array(BtfType):
    """BTF_KIND_ARRAY: ``nelems`` elements of ``type``, indexed by ``index`` (an Int)."""

    __slots__ = ("index", "nelems", "type")

    def __init__(self, type: TypeRef, nelems: int, index: BtfType) -> None:
        super().__init__()
        self.type = type
        self.nelems = nelems
        self.index = index


class Member:
    """A member of a struct or union; ``bit_offset`` from its start; ``bitfield_size`` 0 = none."""

    __slots__ = ("bit_offset", "bitfield_size", "name", "type")

    def __init__(self, name: str, type: TypeRef, bit_offset: int, bitfield_size: int = 0) -> None:
        self.name = name
        self.type = type
        self.bit_offset = bit_offset
        self.bitfield_size = bitfield_size


class Struct(BtfType):
    """BTF_KIND_STRUCT; ``size`` in bytes.

    The reader makes structs whose ``members`` are read from the BTF on first use (``deferred``), so
    naming one type of a kernel does not build all that it reaches.
    """

    __slots__ = ("_load", "members", "size")
    members: list[Member]
    _load: Callable[[], list[Member]]

    def __init__(self, name: str, size: int, members: list[Member] | None = None) -> None:
        super().__init__(name)
        self.size = size
        self.members = members if members is not None else []

    @classmethod
    def deferred(cls, name: str, size: int, load: Callable[[], list[Member]]) -> Struct:
        """Return a struct whose members are ``load()``, called when they are first asked for."""
        new = cls.__new__(cls)
        new.name = name
        new.size = size
        new._load = load
        return new

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Fill in ``members``; called only while that slot is empty."""
            if name != "members":
                raise AttributeError(name)
            self.members = members = self._load()
            return members


class Union(Struct):
    """BTF_KIND_UNION. (A ``Struct`` by shape; test ``type(t) is Union`` or order the cases.)"""

    __slots__ = ()


class Enum(BtfType):
    """BTF_KIND_ENUM, and BTF_KIND_ENUM64 when ``size`` is 8; ``values`` are (name, value)."""

    __slots__ = ("signed", "size", "values")

    def __init__(
        self, name: str, size: int, values: list[tuple[str, int]], *, signed: bool = False
    ) -> None:
        super().__init__(name)
        self.size = size
        self.values = values
        self.signed = signed


class Fwd(BtfType):
    """BTF_KIND_FWD: an incomplete struct, or union where ``is_union``."""

    __slots__ = ("is_union",)

    def __init__(self, name: str, *, is_union: bool = False) -> None:
        super().__init__(name)
        self.is_union = is_union


class FuncProto(BtfType):
    """BTF_KIND_FUNC_PROTO: ``params`` are (name, type); a variadic one ends with ("", None)."""

    __slots__ = ("params", "ret")

    def __init__(self, ret: TypeRef, params: list[tuple[str, TypeRef]]) -> None:
        super().__init__()
        self.ret = ret
        self.params = params


class Func(BtfType):
    """BTF_KIND_FUNC; ``linkage``: STATIC, GLOBAL or EXTERN."""

    __slots__ = ("linkage", "proto")
    STATIC, GLOBAL, EXTERN = 0, 1, 2

    def __init__(self, name: str, proto: FuncProto, linkage: int) -> None:
        super().__init__(name)
        self.proto = proto
        self.linkage = linkage


class Var(BtfType):
    """BTF_KIND_VAR; ``linkage``: STATIC, GLOBAL (allocated) or EXTERN."""

    __slots__ = ("linkage", "type")
    STATIC, GLOBAL, EXTERN = 0, 1, 2

    def __init__(self, name: str, type: TypeRef, linkage: int) -> None:
        super().__init__(name)
        self.type = type
        self.linkage = linkage


class Datasec(BtfType):
    """BTF_KIND_DATASEC; ``vars`` are (Var or Func, byte offset, byte size)."""

    __slots__ = ("size", "vars")

    def __init__(
        self, name: str, size: int, vars: list[tuple[_U[Var, Func], int, int]] | None = None
    ) -> None:
        super().__init__(name)
        self.size = size
        self.vars: list[tuple[_U[Var, Func], int, int]] = vars if vars is not None else []


class DeclTag(BtfType):
    """BTF_KIND_DECL_TAG: text ``name`` on ``type``; ``component``: member or parameter, or -1."""

    __slots__ = ("component", "type")

    def __init__(self, name: str, type: BtfType, component: int = -1) -> None:
        super().__init__(name)
        self.type = type
        self.component = component
