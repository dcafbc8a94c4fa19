"""Initialisers, flattened to (bit offset, value) items (C17 6.7.9, with GNU ranges).

A braced list is walked with a cursor: a stack of frames, each an aggregate and the index of its
next member. A designator rewinds the stack to the object that the braces belong to and descends;
what follows without a designator goes to the next subobject after it; an expression that cannot
initialise an aggregate as a whole descends into it (elided braces).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.layout import is_complete, size_of
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.relations import compatible, qualify, split
from ..ctype.types import (
    ArrayType,
    CType,
    FuncType,
    IntType,
    RecordType,
    VoidType,
    strip,
)
from ..syntax.nodes import ArrayDesignator, FieldDesignator, InitList, NamedInitializer
from ..syntax.nodes import StringLiteral as StringNode
from ..tast.evaluate import evaluate, evaluate_int
from ..tast.nodes import (
    CompoundLiteral,
    Expr,
    Init,
    InitItem,
    IntConst,
    StringLit,
    VarSymbol,
)
from .context import span_of
from .conversions import assign, rvalue
from .implicit import Target
from .records import find_field, no_field
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from ..ctype.types import Field
    from .context import Context

MAX_ITEMS = 1 << 20  # of one initialiser; a range designator could ask for any number


class _Builder:
    """Collects the items of one object. ``extent``: bits reached by an array of unknown size."""

    __slots__ = ("extent", "failed", "items", "places", "static", "zero_idiom")

    def __init__(self, static: bool) -> None:
        self.items: list[InitItem] = []
        self.static = static
        self.failed = False
        self.extent = 0
        self.zero_idiom = False  # inside {0}
        self.places: dict[tuple[int, int | None], Span | None] = {}


def initializer(cx: Context, symbol: VarSymbol, node: Any) -> Init | None:
    """Check ``symbol``'s initialiser and return it flattened; None after an error.

    An array of unknown size gets its size; a flexible array member sets ``symbol.extent``.
    """
    builder = _Builder(symbol.storage != "auto")
    t = symbol.type
    if t is ERROR:
        if not isinstance(node, InitList):
            cx.expr(node)
        return None
    real = strip(t)
    if not isinstance(real, ArrayType) and not is_complete(t):
        cx.error("c-incomplete", f"variable has incomplete type {quoted(t)}", symbol.span)
        return None
    zero = isinstance(node, InitList)
    if zero:
        _braced(cx, t, 0, node, builder)
    else:
        zero = _unbraced(cx, t, node, builder)
    if isinstance(real, ArrayType) and real.count is None:
        size = size_of(real.elem) * 8
        count = -(-builder.extent // size) if size else 0
        symbol.type = qualify(ArrayType(real.elem, count), split(t)[1])
    elif builder.extent > size_of(t) * 8:
        symbol.extent = builder.extent // 8
    if builder.failed:
        return None
    return Init(builder.items, span_of(node), zero=zero)


def _unbraced(cx: Context, t: CType, node: Any, builder: _Builder) -> bool:
    """``T x = expression``; return whether bytes without an item are to be zero."""
    real = strip(t)
    if isinstance(real, ArrayType):
        if isinstance(node, StringNode) and _takes_string(real, node):
            _string(cx, real, 0, cx.expr(node), builder)
            return True
        e = cx.expr(node)
        if isinstance(e, CompoundLiteral) and compatible(e.type, t, ignore_qualifiers=True):
            _from_literal(cx, e, builder)
            return True
        if e.type is not ERROR:
            what = " or string literal" if _is_char_like(real.elem) else ""
            cx.error(
                "c-array-initializer",
                f"array initializer must be an initializer list{what}",
                e.span,
            )
        builder.failed = True
        return False
    e = cx.expr(node)
    if isinstance(e, CompoundLiteral) and builder.static and isinstance(real, RecordType):
        # GNU C: a static object may be initialised by a compound literal of its type.
        if compatible(e.type, t, ignore_qualifiers=True):
            _from_literal(cx, e, builder)
            return True
    _store(cx, assign(cx, e, Target("initializing", t)), 0, None, builder)
    return False


def _from_literal(cx: Context, e: CompoundLiteral, builder: _Builder) -> None:
    init = e.symbol.init
    if init is None:
        builder.failed = True
        return
    builder.items += init.items
    builder.extent = max(builder.extent, size_of(e.symbol.type) * 8)
    # The literal itself is not needed any more.
    if e.symbol in cx.unit.variables:
        cx.unit.variables.remove(e.symbol)


# --------------------------------------------------------------------------- one value
def _store(cx: Context, value: Expr, offset: int, width: int | None, builder: _Builder) -> None:
    if isinstance(value, ErrorExpr) or value.type is ERROR:
        builder.failed = True
        return
    if builder.static:
        known = evaluate(value)
        if known is None:
            message = "initializer element is not a compile-time constant"
            cx.error("c-not-constant", message, value.span)
            builder.failed = True
            return
        if isinstance(known, int):
            value = IntConst(value.type, known, value.span)
    if len(builder.items) >= MAX_ITEMS:
        cx.error("c-initializer-size", "initializer has too many elements", value.span)
        builder.failed = True
        return
    builder.items.append(InitItem(offset, value, width))


def _is_char_like(t: CType) -> bool:
    real = strip(t)
    return isinstance(real, IntType) and real.rank == 1


def _takes_string(array: ArrayType, node: Any) -> bool:
    elem = integer_of(array.elem)
    return elem is not None and elem.rank > 0 and elem.size == node.width


def _string(cx: Context, array: ArrayType, offset: int, value: Expr, builder: _Builder) -> None:
    """Initialise a character array by a string literal (6.7.9p14, p15)."""
    if not isinstance(value, StringLit):
        builder.failed = True
        return
    width = size_of(array.elem)
    have = len(value.data)
    count = array.count if array.count is not None else have // width
    size = count * width
    if have - width > size:
        cx.warning(
            "excess-initializers",
            f"initializer-string for char array is too long, array size is {count} but "
            f"initializer has size {have // width} (including the null terminating character)",
            value.span,
        )
    data = value.data[:size].ljust(size, b"\0")
    builder.extent = max(builder.extent, offset + size * 8)
    if size:
        literal = StringLit(ArrayType(array.elem, count), data, value.span)
        builder.items.append(InitItem(offset, literal))


# --------------------------------------------------------------------------- braces
class _Frame:
    """An aggregate being filled: ``index`` is its next member, ``offset`` its place in bits."""

    __slots__ = ("count", "fields", "index", "offset", "type")

    def __init__(self, t: CType, offset: int) -> None:
        self.type = t
        self.offset = offset
        self.index = 0
        self.fields: list[Field] = []
        real = strip(t)
        if isinstance(real, RecordType):
            self.fields = real.fields or []
            self.count: int | None = len(self.fields)
            if real.kind == "union":
                self.count = min(1, self.count)
        else:
            assert isinstance(real, ArrayType)
            self.count = real.count

    def done(self) -> bool:
        """Whether no member is left."""
        return self.count is not None and self.index >= self.count

    def member(self) -> tuple[CType, int, Field | None]:
        """Return type, bit offset and field of the next member."""
        if self.fields:
            field = self.fields[self.index]
            quals = split(self.type)[1]
            return qualify(field.type, quals), self.offset + field.offset, field
        real = strip(self.type)
        assert isinstance(real, ArrayType)
        elem = qualify(real.elem, split(self.type)[1])
        return elem, self.offset + self.index * size_of(elem) * 8, None


def _braced(cx: Context, t: CType, offset: int, node: Any, builder: _Builder) -> None:
    """Initialise the object of type ``t`` at ``offset`` by a list in braces."""
    real = strip(t)
    elements = node.exprs
    if not isinstance(real, (ArrayType, RecordType)):
        _braced_scalar(cx, t, offset, node, builder)
        return
    if isinstance(real, ArrayType) and len(elements) == 1:
        only = elements[0]
        if isinstance(only, StringNode) and _takes_string(real, only):
            _string(cx, real, offset, cx.expr(only), builder)
            return
    root = _Frame(t, offset)
    frames = [root]
    outer_idiom = builder.zero_idiom
    builder.zero_idiom = len(elements) == 1 and getattr(elements[0], "value", None) == 0
    designated = False
    excess = False
    for element in elements:
        if isinstance(element, NamedInitializer):
            designated = True
            _designated(cx, element, root, frames, builder)
            continue
        _close(frames)
        if frames[-1].done():
            if not excess:
                excess = True
                _excess(cx, real, element)
            if not isinstance(element, InitList):
                cx.expr(element)
            continue
        _element(cx, element, frames, builder)
    builder.zero_idiom = outer_idiom
    if isinstance(real, RecordType) and not designated:
        _missing_fields(cx, real, root, frames, node)


def _braced_scalar(cx: Context, t: CType, offset: int, node: Any, builder: _Builder) -> None:
    elements = node.exprs
    if not elements:
        return
    first = elements[0]
    if isinstance(first, NamedInitializer):
        cx.error(
            "c-designator", f"designator in initializer for scalar type {quoted(t)}", span_of(first)
        )
        builder.failed = True
        return
    if isinstance(first, InitList):
        cx.warning(
            "many-braces-around-scalar-init",
            "too many braces around scalar initializer",
            span_of(first),
        )
        _braced_scalar(cx, t, offset, first, builder)
    else:
        _store(cx, assign(cx, cx.expr(first), Target("initializing", t)), offset, None, builder)
    if len(elements) > 1:
        _excess(cx, strip(t), elements[1])


def _excess(cx: Context, real: CType, element: Any) -> None:
    if isinstance(real, ArrayType):
        what = "char array" if _is_char_like(real.elem) else "array"
    elif isinstance(real, RecordType):
        what = real.kind
    else:
        what = "scalar"
    cx.warning("excess-initializers", f"excess elements in {what} initializer", span_of(element))


def _missing_fields(
    cx: Context, record: RecordType, root: _Frame, frames: list[_Frame], node: Any
) -> None:
    elements = node.exprs
    if record.kind == "union" or not elements or root.done():
        return
    index = root.index if len(frames) == 1 else root.index + 1
    if len(elements) == 1 and getattr(elements[0], "value", None) == 0:
        return  # {0} is the idiom for all zero
    if index >= len(root.fields):
        return
    name = root.fields[index].name
    real = strip(root.fields[index].type)
    if not name or (isinstance(real, ArrayType) and not real.count):
        return
    cx.warning(
        "missing-field-initializers",
        f"missing field '{name}' initializer",
        node.coord.last.span() if node.coord is not None else None,
    )


def _element(cx: Context, element: Any, frames: list[_Frame], builder: _Builder) -> None:
    """Initialise the next member of the innermost frame, or something inside it."""
    if isinstance(element, InitList):
        frame = frames[-1]
        t, offset, field = frame.member()
        _member_extent(t, offset, frame, builder)
        if field is not None and field.width is not None:
            _bit_field(cx, element.exprs[0] if element.exprs else None, t, offset, field, builder)
        else:
            _braced(cx, t, offset, element, builder)
        frame.index += 1
        _close(frames)
        return
    value: Expr | None = None
    while True:
        frame = frames[-1]
        if frame.done():
            if len(frames) == 1:
                _excess(cx, strip(frame.type), element)
                return
            frames.pop()
            frames[-1].index += 1
            continue
        t, offset, field = frame.member()
        real = strip(t)
        _member_extent(t, offset, frame, builder)
        if isinstance(real, ArrayType):
            if isinstance(element, StringNode) and _takes_string(real, element):
                _string(cx, real, offset, cx.expr(element), builder)
                break
        elif not isinstance(real, RecordType):
            if value is None:
                value = cx.expr(element)
            _scalar(cx, value, t, offset, field, builder)
            break
        else:
            if value is None:
                value = cx.expr(element)
            if value.type is ERROR:
                builder.failed = True
                break
            if compatible(strip(value.type), real, ignore_qualifiers=True):
                if builder.static and isinstance(value, CompoundLiteral):
                    _splice(cx, value, offset, builder)
                else:
                    _store(cx, rvalue(cx, value), offset, None, builder)
                break
        # Braces are elided: descend. The parent moves on when this frame is popped.
        if not builder.zero_idiom:
            _missing_braces(cx, element)
        frames.append(_Frame(t, offset))
    frames[-1].index += 1
    _close(frames)


def _missing_braces(cx: Context, element: Any) -> None:
    span = span_of(element)
    if span is not None:
        plain = span.expansion is None
        cx.warning(
            "missing-braces",
            "suggest braces around initialization of subobject",
            span,
            fixits=[FixIt("{" + span.text() + "}", span)] if plain else None,
        )


def _close(frames: list[_Frame]) -> None:
    """Leave frames that are full; their parents go on behind them."""
    while len(frames) > 1 and frames[-1].done():
        frames.pop()
        frames[-1].index += 1


def _splice(cx: Context, value: CompoundLiteral, offset: int, builder: _Builder) -> None:
    init = value.symbol.init
    if init is None:
        builder.failed = True
        return
    for item in init.items:
        builder.items.append(InitItem(offset + item.offset, item.value, item.width))
    if value.symbol in cx.unit.variables:
        cx.unit.variables.remove(value.symbol)


def _member_extent(t: CType, offset: int, frame: _Frame, builder: _Builder) -> None:
    if frame.count is None:
        builder.extent = max(builder.extent, offset + size_of(t) * 8)


def _scalar(
    cx: Context, value: Expr, t: CType, offset: int, field: Field | None, builder: _Builder
) -> None:
    width = field.width if field is not None else None
    if isinstance(strip(t), (FuncType, VoidType)):
        builder.failed = True
        return
    converted = assign(cx, value, Target("initializing", t, bits=width))
    _store(cx, converted, offset, width, builder)


def _bit_field(
    cx: Context, node: Any, t: CType, offset: int, field: Field, builder: _Builder
) -> None:
    if node is not None:
        _scalar(cx, cx.expr(node), t, offset, field, builder)


# --------------------------------------------------------------------------- designators
def _designated(
    cx: Context, element: Any, root: _Frame, frames: list[_Frame], builder: _Builder
) -> None:
    """``.a[1].b = value``: rewind to the braces' object, descend, initialise."""
    del frames[1:]
    last: int | None = None
    first = 0
    step = 0
    range_frame = root
    for position, designator in enumerate(element.name):
        if position:
            t, offset, _ = frames[-1].member()
            if not isinstance(strip(t), (ArrayType, RecordType)):
                cx.error(
                    "c-designator",
                    f"{'array' if isinstance(designator, ArrayDesignator) else 'field'} "
                    f"designator cannot initialize a value of type {quoted(t)}",
                    span_of(designator),
                )
                builder.failed = True
                return
            _member_extent(t, offset, frames[-1], builder)
            frames.append(_Frame(t, offset))
        if isinstance(designator, FieldDesignator):
            if not _to_field(cx, designator, frames):
                builder.failed = True
                return
        else:
            bounds = _to_index(cx, designator, frames[-1])
            if bounds is None:
                builder.failed = True
                return
            first, high = bounds
            if high != first:
                if last is not None:
                    cx.error(
                        "c-unsupported",
                        "only one range designator is supported in one initializer",
                        span_of(designator),
                    )
                    builder.failed = True
                    return
                last = high
                step = size_of(frames[-1].member()[0]) * 8
                range_frame = frames[-1]
    start = len(builder.items)
    _overridden(cx, element, frames[-1], builder)
    _element(cx, element.expr, frames, builder)
    if last is not None:
        _repeat(cx, builder, start, last - first, step, element)
        range_frame.index = last + 1
        del frames[frames.index(range_frame) + 1 :]
        if range_frame.count is None:
            builder.extent = max(builder.extent, range_frame.offset + (last + 1) * step)


def _repeat(
    cx: Context, builder: _Builder, start: int, times: int, step: int, element: Any
) -> None:
    """Copy the items from ``start`` on for each further index of a range."""
    items = builder.items[start:]
    if not items:
        return
    if start == 0 and all(isinstance(i.value, IntConst) and not i.value.value for i in items):
        return  # zero is what the bytes are anyway
    if len(items) * times > MAX_ITEMS:
        cx.error("c-initializer-size", "initializer has too many elements", span_of(element))
        builder.failed = True
        return
    for k in range(1, times + 1):
        for item in items:
            builder.items.append(InitItem(item.offset + k * step, item.value, item.width))


def _to_field(cx: Context, designator: Any, frames: list[_Frame]) -> bool:
    frame = frames[-1]
    real = strip(frame.type)
    if not isinstance(real, RecordType):
        cx.error(
            "c-designator",
            f"field designator cannot initialize a non-struct, non-union type {quoted(frame.type)}",
            span_of(designator),
        )
        return False
    path = find_field(real, designator.name)
    if path is None:
        no_field(cx, real, designator.name, span_of(designator), designator=True)
        return False
    for depth, field in enumerate(path):
        if depth:
            t, offset, _ = frames[-1].member()
            frames.append(_Frame(t, offset))
        frames[-1].index = frames[-1].fields.index(field)
        frames[-1].count = len(frames[-1].fields)
        inner = strip(frames[-1].type)
        if isinstance(inner, RecordType) and inner.kind == "union":
            frames[-1].count = frames[-1].index + 1
    return True


def _to_index(cx: Context, designator: Any, frame: _Frame) -> tuple[int, int] | None:
    real = strip(frame.type)
    if not isinstance(real, ArrayType):
        cx.error(
            "c-designator",
            f"array designator cannot initialize non-array type {quoted(frame.type)}",
            span_of(designator),
        )
        return None
    low = _index_value(cx, designator.index)
    high = low if designator.last is None else _index_value(cx, designator.last)
    if low is None or high is None:
        return None
    if low < 0 or high < low:
        cx.error(
            "c-designator",
            f"array designator value '{low}' is negative"
            if low < 0
            else f"array designator range [{low}, {high}] is empty",
            span_of(designator),
        )
        return None
    if real.count is not None and high >= real.count:
        cx.error(
            "c-designator",
            f"array designator index ({high}) exceeds array bounds ({real.count})",
            span_of(designator),
        )
        return None
    frame.index = low
    return low, high


def _index_value(cx: Context, node: Any) -> int | None:
    e = rvalue(cx, cx.expr(node))
    if e.type is ERROR:
        return None
    value = evaluate_int(e)
    if value is None or integer_of(e.type) is None:
        cx.error("c-not-constant", "array designator is not an integer constant", span_of(node))
        return None
    return value


def _overridden(cx: Context, element: Any, frame: _Frame, builder: _Builder) -> None:
    """Warn when a designator initialises again what has been initialised before."""
    t, offset, field = frame.member()
    if not is_complete(t):
        return
    key = (offset, field.width if field is not None else None)
    if isinstance(strip(t), (ArrayType, RecordType)):
        return
    before = builder.places.get(key)
    if before is not None:
        cx.warning(
            "initializer-overrides",
            "initializer overrides prior initialization of this subobject",
            span_of(element.expr),
            notes=[Note("previous initialization is here", before)],
        )
    builder.places[key] = span_of(element.expr)
