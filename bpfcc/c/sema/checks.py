"""Source-level checks of map use: what only the C types can tell, and no verifier sees.

A map in ``.maps`` says the types of its keys and values (``__type``), or their sizes, as a
``struct bpf_map_def`` does. The helpers take ``void *``, so C checks nothing: a variable too small
for the key, a result assigned to a pointer to something larger than the value. The kernel finds some
of it, as bytes; here it is said in types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.layout import is_complete, size_of
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.types import ArrayType, CType, Field, PointerType, RecordType, VoidType, strip
from ..tast.evaluate import evaluate_int
from ..tast.nodes import AddressOf, Call, Cast, Expr, VarRef, VarSymbol

if TYPE_CHECKING:
    from ...support.source import Span
    from .context import Context

# Helper id -> positions of the key and value arguments.
_KEYED: dict[int, tuple[int, int]] = {1: (1, -1), 2: (1, 2), 3: (1, -1)}
_LOOKUP = 1
# Types whose lookup gives the value itself: hashes, arrays, their per-CPU and LRU kinds, LPM.
_PLAIN = frozenset((1, 2, 5, 6, 9, 10, 11))


class MapTypes:
    """What a map's definition tells about its keys and values; None = not told by type.

    ``kind`` is the BPF_MAP_TYPE number, 0 if it is not told; sizes are in bytes, 0 if not told.
    """

    __slots__ = ("key", "key_size", "kind", "symbol", "value", "value_size")

    def __init__(self, symbol: VarSymbol, record: RecordType) -> None:
        self.symbol = symbol
        self.key: CType | None = None
        self.value: CType | None = None
        self.kind = self.key_size = self.value_size = 0
        for field in record.fields or ():
            pointer = strip(field.type)
            name = "kind" if field.name == "type" else field.name
            if isinstance(pointer, PointerType) and name in ("key", "value"):
                setattr(self, name, pointer.to)
                if is_complete(pointer.to):
                    setattr(self, name + "_size", size_of(pointer.to))
            elif name in ("kind", "key_size", "value_size"):
                number = self._number(field, pointer)
                if number:
                    setattr(self, name, number)

    def _number(self, field: Field, type: CType) -> int:
        """Return the number that a field stands for: ``int (*type)[N]``, or an initialiser."""
        if isinstance(type, PointerType):
            array = strip(type.to)
            return (array.count or 0) if isinstance(array, ArrayType) else 0
        for item in self.symbol.init.items if self.symbol.init is not None else ():
            if item.offset == field.offset:
                return evaluate_int(item.value) or 0
        return 0


def map_of(e: Expr) -> MapTypes | None:
    """Return the map whose address ``e`` is."""
    while isinstance(e, Cast):
        e = e.operand
    if not isinstance(e, AddressOf) or not isinstance(e.operand, VarRef):
        return None
    symbol = e.operand.symbol
    record = strip(symbol.type)
    if symbol.section not in (".maps", "maps") or not isinstance(record, RecordType):
        return None
    return MapTypes(symbol, record)


def check_map_call(cx: Context, call: Call) -> None:
    """Compare the key and value arguments of a map helper with the map's types."""
    places = _KEYED.get(call.callee.helper or 0)
    if places is None or len(call.args) < 2:
        return
    found = map_of(call.args[0])
    if found is None:
        return
    for what, at, want, size in (
        ("key", places[0], found.key, found.key_size),
        ("value", places[1], found.value, found.value_size),
    ):
        if size and 0 <= at < len(call.args):
            _check_argument(cx, found, what, want, size, call.args[at])


def _pointee(e: Expr) -> CType | None:
    """What an argument points to, if that is a whole object or a typed pointer's target."""
    while isinstance(e, Cast) and e.kind in ("pointer", "same"):
        e = e.operand
    if isinstance(e, AddressOf):
        return e.operand.type
    if isinstance(e, Cast) and e.kind == "decay":
        return e.operand.type
    pointer = strip(e.type)
    if isinstance(pointer, PointerType):
        target = strip(pointer.to)
        integer = integer_of(target)
        if isinstance(target, RecordType) or (integer is not None and integer.size > 1):
            return pointer.to
    return None


def _meant_as(e: Expr) -> int:
    """The size of what an explicit cast says that a pointer points to; 0 without one."""
    while isinstance(e, Cast) and e.kind in ("pointer", "same"):
        pointer = strip(e.type)
        if not e.implicit and isinstance(pointer, PointerType):
            target = pointer.to
            return 0 if isinstance(strip(target), VoidType) else size_of(target)
        e = e.operand
    return 0


def _check_argument(
    cx: Context, found: MapTypes, what: str, want: CType | None, size: int, e: Expr
) -> None:
    have = _pointee(e)
    if have is None or isinstance(strip(have), VoidType) or not is_complete(have):
        return
    given = size_of(have)
    if given > size and _meant_as(e) == size:
        return
    scalars = integer_of(have) is not None and (
        integer_of(want) is not None if want is not None else size <= 8
    )
    of_type = f" ({quoted(want)})" if want is not None else ""
    if (given < size and not _may_continue(e)) or (given > size and scalars):
        cx.warning(
            "bpf-map-type",
            f"{what}s of map '{found.symbol.name}' have {size} bytes{of_type}, but this points to "
            f"{given} ({quoted(have)})",
            e.span,
            notes=[Note(f"'{found.symbol.name}' is defined here", found.symbol.span)],
            fixits=[FixIt(f"pass the address of a {_plain(want)}")] if want is not None else None,
        )


def _plain(t: CType) -> str:
    return quoted(t).split("'")[1]


def _may_continue(e: Expr) -> bool:
    """Whether the object may be part of a larger one: an element or member, a pointer's target."""
    while isinstance(e, Cast) and e.kind in ("pointer", "same"):
        e = e.operand
    if isinstance(e, AddressOf):
        return not isinstance(e.operand, VarRef)
    if isinstance(e, Cast) and e.kind == "decay":
        return not isinstance(e.operand, VarRef)
    return True


def check_map_result(cx: Context, call: Call, target: CType, span: Span | None) -> None:
    """Compare the pointer type that takes a lookup's result with the map's value type."""
    if call.callee.helper != _LOOKUP or not call.args:
        return
    pointer = strip(target)
    if not isinstance(pointer, PointerType):
        return
    have = pointer.to
    if isinstance(strip(have), VoidType) or not is_complete(have):
        return
    found = map_of(call.args[0])
    if found is None or not found.value_size or found.kind not in _PLAIN:
        return
    if found.value is not None and isinstance(strip(found.value), ArrayType):
        return
    size, given = found.value_size, size_of(have)
    if given > size:
        of_type = f" ({quoted(found.value)})" if found.value is not None else ""
        cx.warning(
            "bpf-map-type",
            f"values of map '{found.symbol.name}' have {size} bytes{of_type}, but "
            f"{quoted(target)} points to {given}",
            span,
            notes=[Note(f"'{found.symbol.name}' is defined here", found.symbol.span)],
        )
