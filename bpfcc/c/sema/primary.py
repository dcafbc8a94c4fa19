"""Primary expressions: literals and names (C17 6.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.relations import (
    qualify,
)
from ..ctype.types import (
    DOUBLE,
    FLOAT,
    INT,
    INT128,
    LLONG,
    LONG,
    LONG_DOUBLE,
    UCHAR,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    USHORT,
    ArrayType,
    CType,
)
from ..syntax import nodes as n
from ..tast.nodes import (
    Expr,
    FloatConst,
    FuncRef,
    FuncSymbol,
    IntConst,
    StringLit,
    VarRef,
    VarSymbol,
)
from .context import span_of
from .symbols import ERROR, EnumConst, ErrorExpr, TypeName

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context


_LITERAL_TYPES: dict[str, CType] = {
    "int": INT,
    "unsigned int": UINT,
    "long": LONG,
    "unsigned long": ULONG,
    "long long": LLONG,
    "unsigned long long": ULLONG,
    "unsigned short": USHORT,
    "unsigned char": UCHAR,
    "__int128": INT128,
    "unsigned __int128": UINT128,
    "float": FLOAT,
    "double": DOUBLE,
    "long double": LONG_DOUBLE,
}
_FUNCTION_NAMES = ("__func__", "__FUNCTION__", "__PRETTY_FUNCTION__")


# --------------------------------------------------------------------------- literals and names
def int_literal(cx: Context, node: Any) -> Expr:
    """An integer constant."""
    t = _LITERAL_TYPES.get(node.type_name)
    if t is None:
        return cx.wrong(
            "c-literal",
            "integer literal is too large to be represented in any integer type",
            span_of(node),
        )
    return IntConst(t, node.value, span_of(node))


def char_literal(cx: Context, node: Any) -> Expr:
    """A character constant."""
    return IntConst(_LITERAL_TYPES[node.type_name], node.value, span_of(node))


def float_literal(cx: Context, node: Any) -> Expr:
    """A floating constant."""
    return FloatConst(_LITERAL_TYPES[node.type_name], node.value, span_of(node))


def string_literal(cx: Context, node: Any) -> Expr:
    """A string literal: an array of its characters and a NUL."""
    width = node.width
    elem: CType = cx.char
    if width == 2:
        elem = USHORT
    elif width == 4:
        elem = INT if node.prefix == "L" else UINT
    order = "big" if cx.options.big_endian else "little"
    data = b"".join(unit.to_bytes(width, order) for unit in [*node.units, 0])
    return StringLit(ArrayType(elem, len(node.units) + 1), data, span_of(node))


def name(cx: Context, node: Any) -> Expr:
    """An identifier."""
    span = span_of(node)
    symbol = cx.lookup(node.name)
    if symbol is None:
        return _undeclared(cx, node.name, span)
    if isinstance(symbol, VarSymbol):
        symbol.refs += 1
        cx.reference(symbol, span)
        if symbol.type is ERROR:
            return ErrorExpr(span)
        return VarRef(symbol, span)
    if isinstance(symbol, FuncSymbol):
        cx.reference(symbol, span)
        if symbol.deprecated is not None:
            text = f": {symbol.deprecated}" if symbol.deprecated else ""
            cx.warning("deprecated-declarations", f"'{symbol.name}' is deprecated{text}", span)
        return FuncRef(symbol, span)
    if isinstance(symbol, EnumConst):
        symbol.used = True
        return IntConst(symbol.type, symbol.value, span)
    if isinstance(symbol, TypeName):
        return cx.wrong(
            "c-type-name", f"unexpected type name '{node.name}': expected expression", span
        )
    return ErrorExpr(span)


def _undeclared(cx: Context, word: str, span: Span | None) -> Expr:
    if word in _FUNCTION_NAMES and cx.function is not None:
        data = cx.function.symbol.name.encode() + b"\0"
        return StringLit(ArrayType(qualify(cx.char, 1), len(data)), data, span)
    message = f"use of undeclared identifier '{word}'"
    fixits: list[FixIt] = []
    notes: list[Note] = []
    if cx.hooks.builtin_named(word):
        return cx.wrong("c-builtin", f"builtin functions must be directly called: '{word}'", span)
    near = cx.demand.similar_ident(word) if cx.demand is not None else None
    if near is not None:
        message += f"; did you mean '{near}'?"
        fixits = [FixIt(near, span)]
        declared = cx.lookup(near)
        if declared is not None and declared.span is not None:
            notes = [Note(f"'{near}' declared here", declared.span)]
    return cx.wrong("c-undeclared", message, span, fixits=fixits, notes=notes)


def type_name_node(cx: Context, node: Any) -> Expr:
    """A type where an expression should stand."""
    return cx.wrong("c-type-name", "expected expression, found a type name", span_of(node))


def error_node(cx: Context, node: Any) -> Expr:
    """What the parser could not read; it has been reported."""
    return ErrorExpr(span_of(node))


RULES = {
    n.IntLiteral: int_literal,
    n.CharLiteral: char_literal,
    n.FloatLiteral: float_literal,
    n.StringLiteral: string_literal,
    n.ID: name,
    n.ErrorNode: error_node,
    n.Typename: type_name_node,
}
