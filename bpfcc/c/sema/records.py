"""Structs, unions and enums: tags, members, enumerators (C17 6.7.2.1 to 6.7.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.layout import RecordLayout, align_of, enum_type_for, is_complete
from ..ctype.printing import quoted, spell
from ..ctype.promotion import fits, integer_of
from ..ctype.types import (
    BOOL,
    INT,
    LONG,
    ULONG,
    ArrayType,
    CType,
    EnumType,
    Field,
    FuncType,
    IntType,
    RecordType,
    strip,
)
from ..syntax.nodes import EmptyStatement, Pragma, StaticAssert, Typename, Union
from ..tast.evaluate import evaluate
from .attributes import NONE, Attrs, check_alignment, read
from .context import at_of, span_of
from .conversions import rvalue
from .spelling import nearest
from .symbols import ERROR, EnumConst, Scope, Tag

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from ..ctype.layout import RecordLayout as Layout
    from .context import Context


# --------------------------------------------------------------------------- tags
def find_tag(cx: Context, kind: str, name: str) -> Tag | None:
    """Find a tag in the scopes, then in what headers and the kernel declare."""
    scope: Scope | None = cx.scope
    while scope is not None:
        found = scope.tags.get(name)
        if found is not None:
            return found
        scope = scope.parent
    return cx.demand.tag(kind, name) if cx.demand is not None else None


def mention(cx: Context, kind: str, name: str, span: Span | None) -> CType:
    """Return the type that ``struct name`` means here, declaring it when it is new."""
    tag = find_tag(cx, kind, name)
    if tag is None:
        made: RecordType | EnumType = EnumType(name) if kind == "enum" else RecordType(kind, name)
        cx.scope.tags[name] = Tag(made, span)
        if cx.scope.prototype:
            cx.warning(
                "visibility",
                f"declaration of '{kind} {name}' will not be visible outside of this function",
                span,
            )
        return made
    if tag.span is None:
        tag.span = span
    if _kind_of(tag.type) != kind:
        _wrong_kind(cx, name, tag, span)
        return ERROR
    return tag.type


def _kind_of(t: RecordType | EnumType) -> str:
    return t.kind if isinstance(t, RecordType) else "enum"


def _wrong_kind(cx: Context, name: str, tag: Tag, span: Span | None) -> None:
    cx.error(
        "c-wrong-tag",
        f"use of '{name}' with tag type that does not match previous declaration",
        span,
        notes=[Note("previous use is here", tag.span)],
    )


def declare_tag(cx: Context, kind: str, name: str, span: Span | None) -> Tag:
    """Declare ``struct name`` in the current scope (``struct s;``, or before its definition)."""
    tag = cx.scope.tags.get(name)
    if tag is None and cx.scope is cx.file and cx.demand is not None:
        tag = cx.demand.tag(kind, name)
    if tag is not None and _kind_of(tag.type) != kind:
        _wrong_kind(cx, name, tag, span)
        tag = None
    if tag is None:
        made: RecordType | EnumType = EnumType(name) if kind == "enum" else RecordType(kind, name)
        tag = cx.scope.tags[name] = Tag(made, span)
    return tag


def _open_definition(cx: Context, kind: str, node: Any) -> RecordType | EnumType:
    """Return the type object that a definition fills in."""
    if not node.name:
        return EnumType("") if kind == "enum" else RecordType(kind, "")
    tag = declare_tag(cx, kind, node.name, at_of(node))
    if tag.defined:
        cx.error(
            "c-redefinition",
            f"redefinition of '{node.name}'",
            at_of(node),
            notes=[Note("previous definition is here", tag.span)],
        )
        return EnumType(node.name) if kind == "enum" else RecordType(kind, node.name)
    tag.defined = True
    tag.span = at_of(node)
    if isinstance(tag.type, RecordType):
        tag.type.completer = None
    return tag.type


# --------------------------------------------------------------------------- struct and union
def record_type(cx: Context, node: Any) -> CType:
    """Resolve ``struct s``, ``union u``, with or without members."""
    kind = "union" if node.__class__ is Union else "struct"
    if node.decls is None:
        if not node.name:
            return ERROR
        return mention(cx, kind, node.name, at_of(node))
    record = _open_definition(cx, kind, node)
    assert isinstance(record, RecordType)
    attrs = read(cx, node.attributes)
    outer_core = cx.core_depth
    if attrs.core or outer_core:
        record.core = True
        cx.core_depth += 1
    record.decl_tags = attrs.decl_tags
    layout = RecordLayout(union=kind == "union", packed=attrs.packed, pack=cx.pack)
    members = _Members(record, layout)
    for decl in node.decls:
        _member(cx, decl, members)
    cx.core_depth = outer_core
    _check_flexible(cx, members)
    layout.finish(record, members.fields, attrs.align)
    record.packed = attrs.packed
    record.transparent = attrs.transparent_union
    cx.unit.records.append(record)
    return record


class _Members:
    """The members of one record while they are read."""

    __slots__ = ("fields", "flexible", "layout", "names", "record")

    def __init__(self, record: RecordType, layout: Layout) -> None:
        self.record = record
        self.layout = layout
        self.fields: list[Field] = []
        self.names: dict[str, Span | None] = {}
        self.flexible: list[tuple[int, Field, Span | None]] = []


def _member(cx: Context, decl: Any, members: _Members) -> None:
    kind = decl.__class__
    if kind is StaticAssert or kind is Pragma:
        cx.hooks.external(cx, decl)
        return
    if kind is EmptyStatement:
        return
    t = cx.type_name(decl.type)
    if t is ERROR:
        t = INT
    attrs = member_attributes(cx, decl)
    if decl.storage:
        cx.error(
            "c-storage-class",
            "type name does not allow storage class to be specified",
            span_of(decl),
        )
    if decl.bitsize is not None:
        _bit_field(cx, decl, t, attrs, members)
        return
    span = at_of(decl)
    if decl.name is None:
        if not isinstance(strip(t), RecordType) or getattr(decl.type, "name", None):
            cx.warning(
                "missing-declarations", "declaration does not declare anything", span_of(decl)
            )
            return
        for name, where in _inner_names(t, span):
            _add_name(cx, name, where, members)
    else:
        if not _member_type_ok(cx, decl, t):
            t = INT
        _add_name(cx, decl.name, span, members)
    align = max(attrs.align, alignas(cx, decl.align))
    offset = members.layout.place(t, align, attrs.packed)
    field = Field(decl.name or "", t, offset, None, align)
    field.decl_tags = attrs.decl_tags
    real = strip(t)
    if isinstance(real, ArrayType) and real.count is None:
        members.flexible.append((len(members.fields), field, span))
    members.fields.append(field)


def member_attributes(cx: Context, decl: Any) -> Attrs:
    """Read the attributes of a declaration from both places where they may stand."""
    bottom = decl.type
    while bottom is not None and not hasattr(bottom, "declname"):
        bottom = getattr(bottom, "type", None)
    specifiers = bottom.attributes if bottom is not None else None
    if decl.attributes:
        return read(cx, specifiers, decl.attributes) if specifiers else read(cx, decl.attributes)
    return read(cx, specifiers) if specifiers else NONE


def alignas(cx: Context, nodes: list[Any] | None) -> int:
    """Return the strictest ``_Alignas`` of a declaration in bytes, 0 for none."""
    strictest = 0
    for node in nodes or ():
        operand = node.alignment
        if operand.__class__ is Typename:
            value: object = align_of(cx.type_name(operand))
        else:
            value = evaluate(rvalue(cx, cx.expr(operand)))
        if not isinstance(value, int):
            cx.error("c-not-constant", "'_Alignas' requires a constant", span_of(node))
        elif value and check_alignment(cx, value, span_of(node)):
            strictest = max(strictest, value)
    return strictest


def _member_type_ok(cx: Context, decl: Any, t: CType) -> bool:
    real = strip(t)
    if isinstance(real, FuncType):
        cx.error("c-member-type", f"field '{decl.name}' declared as a function", at_of(decl))
        return False
    if is_complete(t):
        return True
    if isinstance(real, ArrayType) and is_complete(real.elem):
        return True  # a flexible array member; where it may stand is checked at the end
    cx.error("c-incomplete", f"field has incomplete type {quoted(t)}", at_of(decl))
    return False


def _inner_names(t: CType, span: Span | None) -> list[tuple[str, Span | None]]:
    """The names that an anonymous member brings into its parent."""
    found: list[tuple[str, Span | None]] = []
    real = strip(t)
    if isinstance(real, RecordType):
        for field in real.fields or ():
            if field.name:
                found.append((field.name, span))
            else:
                found += _inner_names(field.type, span)
    return found


def _add_name(cx: Context, name: str, span: Span | None, members: _Members) -> None:
    if name in members.names:
        cx.error(
            "c-duplicate-member",
            f"duplicate member '{name}'",
            span,
            notes=[Note("previous declaration is here", members.names[name])],
        )
    members.names[name] = span


def _bit_field(cx: Context, decl: Any, t: CType, attrs: Attrs, members: _Members) -> None:
    name, span = decl.name, at_of(decl)
    shown = f"bit-field '{name}'" if name else "anonymous bit-field"
    integer = integer_of(t)
    if integer is None:
        cx.error("c-bit-field", f"{shown} has non-integral type {quoted(t)}", span)
        return
    if not is_complete(t):
        cx.error("c-incomplete", f"field has incomplete type {quoted(t)}", span)
        return
    e = rvalue(cx, cx.expr(decl.bitsize))
    if e.type is ERROR:
        return
    width = evaluate(e)
    if not isinstance(width, int):
        cx.error(
            "c-not-constant",
            "expression is not an integer constant expression",
            span_of(decl.bitsize),
        )
        return
    limit = 1 if integer is BOOL else integer.size * 8
    if width < 0:
        cx.error("c-bit-field", f"{shown} has negative width ({width})", span)
        return
    if width == 0 and name:
        cx.error("c-bit-field", f"named {shown} has zero width", span)
        return
    if width > limit:
        cx.error(
            "c-bit-field",
            f"width of {shown} ({width} bits) exceeds the width of its type "
            f"({limit} bit{'s' if limit > 1 else ''})",
            span,
        )
        width = limit
    align = max(attrs.align, alignas(cx, decl.align))
    offset = members.layout.place_bits(t, width, align, attrs.packed, bool(name))
    if name:
        _add_name(cx, name, span, members)
        field = Field(name, t, offset, width, align)
        field.decl_tags = attrs.decl_tags
        members.fields.append(field)


def _check_flexible(cx: Context, members: _Members) -> None:
    """A flexible array member must be the last one (6.7.2.1p18); unions may hold one in GNU C."""
    if members.record.kind == "union":
        return
    for index, field, span in members.flexible:
        if index != len(members.fields) - 1:
            cx.error(
                "c-flexible-array",
                f"flexible array member '{field.name}' with type {quoted(field.type)} is not at "
                "the end of struct",
                span,
            )


# --------------------------------------------------------------------------- enum
def enum_type(cx: Context, node: Any) -> CType:
    """Resolve ``enum e``, with or without enumerators."""
    if node.values is None:
        if not node.name:
            return ERROR
        found = mention(cx, "enum", node.name, at_of(node))
        if isinstance(found, EnumType) and node.underlying is not None:
            found.underlying = found.underlying or _fixed_type(cx, node)
        return found
    enum = _open_definition(cx, "enum", node)
    assert isinstance(enum, EnumType)
    attrs = read(cx, node.attributes)
    enum.packed = attrs.packed
    fixed = _fixed_type(cx, node) if node.underlying is not None else None
    enum.underlying = fixed
    symbols = _enumerators(cx, node, enum, fixed)
    values = [symbol.value for symbol in symbols]
    low, high = (min(values), max(values)) if values else (0, 0)
    enum.underlying = fixed or enum_type_for(low, high, attrs.packed)
    if low < 0 and high >= 1 << 63:
        cx.warning(
            "enum-too-large",
            "enumeration values exceed range of largest integer",
            at_of(node),
        )
    for symbol in symbols:
        symbol.enum = enum
        enum.enumerators.append((symbol.name, symbol.value))
        if fixed is not None:
            symbol.type = enum
        elif not fits(symbol.value, INT):
            symbol.type = enum.underlying
        else:
            symbol.type = INT
    cx.unit.enums.append(enum)
    return enum


def _fixed_type(cx: Context, node: Any) -> IntType:
    t = cx.type_name(node.underlying)
    integer = integer_of(t)
    if integer is None:
        cx.error(
            "c-enum-type",
            f"non-integral type {quoted(t)} is an invalid underlying type",
            span_of(node.underlying),
        )
        return INT
    return integer


def _enumerators(cx: Context, node: Any, enum: EnumType, fixed: IntType | None) -> list[EnumConst]:
    symbols: list[EnumConst] = []
    value = -1
    for item in node.values.enumerators:
        if item.__class__ is Pragma:
            cx.hooks.external(cx, item)
            continue
        value += 1
        if item.value is not None:
            found = _enumerator_value(cx, item)
            value = found if found is not None else value
        t = fixed or (INT if fits(value, INT) else LONG if fits(value, LONG) else ULONG)
        if not fits(value, t):
            cx.error(
                "c-enum-range",
                f"enumerator value {value} is not representable in the underlying type {quoted(t)}",
                at_of(item),
            )
        symbol = EnumConst(item.name, t, value, at_of(item))
        cx.hooks.declare_name(cx, symbol)
        symbols.append(symbol)
    return symbols


def _enumerator_value(cx: Context, item: Any) -> int | None:
    e = rvalue(cx, cx.expr(item.value))
    if e.type is ERROR:
        return None
    value = evaluate(e)
    if isinstance(value, int) and integer_of(e.type) is not None:
        return value
    cx.error(
        "c-not-constant",
        "expression is not an integer constant expression",
        span_of(item.value),
    )
    return None


def find_field(record: RecordType, name: str) -> list[Field] | None:
    """Return the path to member ``name``: anonymous members on the way, then the field itself."""
    if record.paths is None:
        if record.fields is None:
            return None
        record.paths = _paths(record)
    return record.paths.get(name)


def _paths(record: RecordType) -> dict[str, list[Field]]:
    paths: dict[str, list[Field]] = {}
    for field in record.fields or ():
        if field.name:
            paths.setdefault(field.name, [field])
            continue
        inner = strip(field.type)
        if isinstance(inner, RecordType):
            if inner.paths is None:
                inner.paths = _paths(inner)
            for name, path in inner.paths.items():
                paths.setdefault(name, [field, *path])
    return paths


def field_names(record: RecordType) -> list[str]:
    """Return all names that ``.`` can reach in ``record``."""
    return [name for name, _ in _inner_names(record, None)]


def no_field(
    cx: Context, record: RecordType, name: str, span: Span | None, *, designator: bool = False
) -> None:
    """Report an unknown member, with the nearest name."""
    near = nearest(name, field_names(record))
    if designator:
        message = f"field designator '{name}' does not refer to any field in type '{spell(record)}'"
    else:
        message = f"no member named '{name}' in '{spell(record)}'"
    fixits: list[FixIt] = []
    if near is not None:
        message += f"; did you mean '{near}'?"
        fixits = [FixIt(near, span)]
    notes: list[Note] = []
    where = cx.demand.tag_span(record) if cx.demand is not None else None
    if where is not None:
        notes = [Note(f"'{spell(record)}' declared here", where)]
    cx.error("c-no-member", message, span, fixits=fixits, notes=notes)
