"""C types from BTF, one at a time: what a program includes ``vmlinux.h`` for.

Nothing is converted before it is named, and the members of a struct only when they are needed, so
that a program pays for the handful of kernel types that it uses out of ten thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...btf import types as bt
from ...btf import wire
from ..ctype import types as ct
from ..ctype.layout import align_of
from ..ctype.types import CType, EnumType, Field, FuncType, IntType, RecordType
from ..tast.nodes import FuncSymbol
from .symbols import ERROR, EnumConst, TypeName

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...btf.read import Btf
    from ..tast.nodes import Symbol
    from .context import Context

_INTS: dict[tuple[int, bool], IntType] = {
    (1, True): ct.SCHAR,
    (1, False): ct.UCHAR,
    (2, True): ct.SHORT,
    (2, False): ct.USHORT,
    (4, True): ct.INT,
    (4, False): ct.UINT,
    (8, True): ct.LONG,
    (8, False): ct.ULONG,
    (16, True): ct.INT128,
    (16, False): ct.UINT128,
}


class KernelTypes:
    """Serves tags, typedefs and enumerators from a kernel's BTF.

    ``core``: records are relocated (they come from ``vmlinux.h``).
    """

    __slots__ = ("_btf", "_converted", "_kfuncs", "_load", "_loaded", "core", "cx")

    def __init__(self, cx: Context, load: Callable[[], Btf | None], core: bool) -> None:
        self.cx = cx
        self.core = core
        self._load = load
        self._loaded = False
        self._btf: Btf | None = None
        self._kfuncs: set[int] | None = None  # identities of the functions tagged bpf_kfunc
        # By the identity of the BTF object, which is kept alive beside the result.
        self._converted: dict[int, tuple[bt.TypeRef, CType]] = {}

    def btf(self) -> Btf | None:
        """Return the BTF, read when it is first needed; None where there is none."""
        if not self._loaded:
            self._loaded = True
            self._btf = self._load()
        return self._btf

    # ------------------------------------------------------------------------- names
    def ident(self, name: str) -> Symbol | None:
        """Return the typedef or enumerator ``name``."""
        btf = self.btf()
        if btf is None:
            return None
        typedef = btf.find(name, wire.KIND_TYPEDEF)
        if typedef is not None:
            return TypeName(name, self.convert(typedef), None)
        for number in btf.enums_with(name):
            enum = btf.type(number)
            if isinstance(enum, bt.Enum):
                return self._enumerator(enum, name)
        return self._kfunc(btf, name)

    def _kfunc(self, btf: Btf, name: str) -> FuncSymbol | None:
        """Return the kernel function ``name`` if programs may call it (it has the decl tag)."""
        numbers = btf.ids(name, wire.KIND_FUNC)
        if not numbers:
            return None
        if self._kfuncs is None:
            tags = (btf.type(tag) for tag in btf.ids("bpf_kfunc", wire.KIND_DECL_TAG))
            self._kfuncs = {id(tag.type) for tag in tags if isinstance(tag, bt.DeclTag)}
        func = btf.type(numbers[0])
        if not isinstance(func, bt.Func) or id(func) not in self._kfuncs:
            return None
        ftype = self.convert(func.proto)
        assert isinstance(ftype, FuncType)
        symbol = FuncSymbol(name, ftype, None)
        symbol.section = ".ksyms"
        symbol.ksym = symbol.weak = symbol.quiet = True
        return symbol

    def is_typedef(self, name: str) -> bool:
        """Return whether ``name`` is a typedef of the kernel."""
        btf = self.btf()
        return btf is not None and bool(btf.ids(name, wire.KIND_TYPEDEF))

    def names_like(self, word: str, *kinds: int) -> list[str]:
        """Return names of the kernel that begin as ``word`` does."""
        btf = self.btf()
        if btf is None or len(word) < 3:
            return []
        return [btf.type_name(number) for number in btf.ids_starting(word[:3], *kinds)]

    def _enumerator(self, enum: bt.Enum, name: str) -> EnumConst:
        converted = self.convert(enum)
        assert isinstance(converted, EnumType)
        value = next(v for n, v in enum.values if n == name)
        fits = -(1 << 31) <= value < 1 << 31
        t: CType = ct.INT if fits or converted.underlying is None else converted.underlying
        symbol = EnumConst(name, t, value, None)
        symbol.enum = converted
        return symbol

    def enum(self, name: str) -> EnumType | None:
        """Return the enum with tag ``name``."""
        btf = self.btf()
        found = btf.find(name, wire.KIND_ENUM, wire.KIND_ENUM64) if btf is not None else None
        if not isinstance(found, bt.Enum):
            return None
        converted = self.convert(found)
        return converted if isinstance(converted, EnumType) else None

    def complete(self, record: RecordType) -> bool:
        """Give a struct or union its members; return whether the kernel has it."""
        btf = self.btf()
        kind = wire.KIND_UNION if record.kind == "union" else wire.KIND_STRUCT
        found = btf.find(record.tag, kind) if btf is not None else None
        if not isinstance(found, bt.Struct):
            return False
        self._converted[id(found)] = (found, record)
        self._fill(record, found)
        return True

    # ------------------------------------------------------------------------- types
    def convert(self, t: bt.TypeRef) -> CType:
        """Return the C type for a BTF type."""
        if t is None:
            return ct.VOID
        known = self._converted.get(id(t))
        if known is not None:
            return known[1]
        made = self._make(t)
        self._converted[id(t)] = (t, made)
        return made

    def _make(self, t: bt.BtfType) -> CType:
        if isinstance(t, bt.Int):
            return self._int(t)
        if isinstance(t, bt.Ptr):
            return ct.PointerType(self.convert(t.type))
        if isinstance(t, (bt.Struct, bt.Fwd)):
            return self._record(t)
        if isinstance(t, bt.Typedef):
            made = ct.Typedef(t.name, ct.VOID)
            self._converted[id(t)] = (t, made)
            made.to = self.convert(t.type)
            return made
        if isinstance(t, bt.Array):
            return ct.ArrayType(self.convert(t.type), t.nelems)
        if isinstance(t, bt.Enum):
            return self._enum(t)
        if isinstance(t, bt.FuncProto):
            return self._function(t)
        if isinstance(t, bt.Modifier):
            return self._qualified(t)
        if isinstance(t, bt.Float):
            return {4: ct.FLOAT, 8: ct.DOUBLE}.get(t.size, ct.LONG_DOUBLE)
        return ERROR

    def _int(self, t: bt.Int) -> CType:
        if t.encoding & bt.Int.BOOL or t.name == "_Bool":
            return ct.BOOL
        if t.name == "char":
            return self.cx.char
        signed = bool(t.encoding & bt.Int.SIGNED)
        if t.size == 8 and "long long" in t.name:
            return ct.LLONG if signed else ct.ULLONG
        return _INTS.get((t.size, signed), ct.INT)

    def _qualified(self, t: bt.Modifier) -> CType:
        base = self.convert(t.type)
        if isinstance(t, bt.Const):
            return ct.Qualified(base, const=True)
        if isinstance(t, bt.Volatile):
            return ct.Qualified(base, volatile=True)
        if isinstance(t, bt.TypeTag):
            return ct.Qualified(base, tags=(t.name,))
        return ct.Qualified(base, restrict=True)

    def _function(self, t: bt.FuncProto) -> CType:
        params = list(t.params)
        variadic = bool(params) and params[-1] == ("", None)
        if variadic:
            params.pop()
        return FuncType(
            self.convert(t.ret),
            [(name, self.convert(param)) for name, param in params],
            variadic=variadic,
        )

    def _record(self, t: bt.Struct | bt.Fwd) -> CType:
        union = t.is_union if isinstance(t, bt.Fwd) else isinstance(t, bt.Union)
        kind = "union" if union else "struct"
        if t.name and self.cx.demand is not None:
            tag = self.cx.demand.tag(kind, t.name)
            if tag is not None and isinstance(tag.type, RecordType) and tag.type.kind == kind:
                return tag.type
        record = RecordType(kind, t.name)
        if isinstance(t, bt.Struct):
            source = t
            record.completer = lambda r: self._fill(r, source)
        return record

    def _enum(self, t: bt.Enum) -> CType:
        if t.name and self.cx.demand is not None:
            tag = self.cx.file.tags.get(t.name)
            if tag is not None and isinstance(tag.type, EnumType) and tag.type.enumerators:
                return tag.type
        enum = EnumType(t.name)
        enum.underlying = _INTS.get((t.size, t.signed), ct.UINT)
        enum.packed = t.size < 4
        enum.enumerators = list(t.values)
        return enum

    def _fill(self, record: RecordType, source: bt.Struct) -> None:
        """Read the members. BTF has no alignments: they are worked out from offsets and size."""
        record.core = self.core
        record.size = source.size
        fields: list[Field] = []
        # First make the record complete, so that members that lead back to it end here.
        record.fields = fields
        align = 1
        packed = False
        for member in source.members:
            t = self.convert(member.type)
            width = member.bitfield_size or None
            if width is not None and not member.name:
                continue
            fields.append(Field(member.name, t, member.bit_offset, width))
            natural = self._alignment(t)
            if width is None and member.bit_offset % (natural * 8):
                packed = True
            align = max(align, natural)
        if packed or source.size % align:
            record.packed = True
            align = 1
        record.align = align

    def _alignment(self, t: CType) -> int:
        real = ct.strip(t)
        while isinstance(real, ct.ArrayType):
            real = ct.strip(real.elem)
        if isinstance(real, RecordType) and real.fields is None:
            return 1
        return align_of(real)
