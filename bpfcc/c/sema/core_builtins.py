"""CO-RE builtins: numbers that the loader adapts to the kernel it finds.

Source: clang's documentation of ``__builtin_preserve_*`` and ``__builtin_btf_type_id``; kernel
Documentation/bpf/llvm_reloc.rst for the kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.types import (
    UINT,
    ULONG,
    CType,
    EnumType,
    PointerType,
    RecordType,
    Typedef,
    strip,
)
from ..syntax import nodes as n
from ..tast.evaluate import evaluate_int
from ..tast.nodes import (
    Cast,
    CoreAccess,
    CoreInfo,
    Expr,
    Index,
    Member,
)
from .context import span_of
from .conversions import rvalue
from .symbols import ERROR, EnumConst, ErrorExpr

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...support.source import Span
    from .context import Context

    Handler = Callable[[Context, Any, list[Any], Span | None], Expr]

# The largest second argument of each builtin.
_MAX_FIELD_KIND = 5
_MAX_TYPE_KIND = 2
_MAX_ENUM_KIND = 1
_MAX_ID_KIND = 1


def _count(cx: Context, node: Any, arguments: list[Any], count: int) -> bool:
    if len(arguments) == count:
        return True
    cx.error(
        "c-argument-count",
        f"too {'few' if len(arguments) < count else 'many'} arguments to function call, expected "
        f"{count}, have {len(arguments)}",
        span_of(node),
    )
    return False


def _kind(cx: Context, node: Any, limit: int, name: str) -> int | None:
    value = evaluate_int(rvalue(cx, cx.expr(node)))
    if value is None:
        cx.error("c-not-constant", f"{name} argument 2 not a constant", span_of(node))
        return None
    if not 0 <= value <= limit:
        cx.error("c-core", f"{name}: kind {value} is not in the range 0 to {limit}", span_of(node))
        return None
    return value


def preserve_access_index(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """Every member access in the operand is relocated."""
    if not _count(cx, node, arguments, 1):
        return ErrorExpr(span)
    cx.preserve += 1
    e = cx.expr(arguments[0])
    cx.preserve -= 1
    if e.type is ERROR:
        return ErrorExpr(span)
    e = rvalue(cx, e)
    return CoreAccess(e, e.type, span)


def preserve_field_info(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """Offset, size, existence, signedness or shifts of a field."""
    if not _count(cx, node, arguments, 2):
        return ErrorExpr(span)
    cx.unevaluated += 1
    cx.preserve += 1
    e = cx.expr(arguments[0])
    cx.preserve -= 1
    cx.unevaluated -= 1
    kind = _kind(cx, arguments[1], _MAX_FIELD_KIND, "__builtin_preserve_field_info")
    if e.type is ERROR or kind is None:
        return ErrorExpr(span)
    field = e
    while isinstance(field, Cast) and field.kind in ("load", "decay", "same"):
        field = field.operand
    if not isinstance(field, (Member, Index)):
        return cx.wrong(
            "c-core",
            "__builtin_preserve_field_info argument 1 not a field access",
            span_of(arguments[0]),
        )
    return CoreInfo("field", kind, UINT, span, operand=field)


def _subject(cx: Context, node: Any, name: str) -> CType | None:
    """The type T of ``*(T *)0``, sugar kept: what is asked for is named by it."""
    if node.__class__ is n.Typename:
        t = cx.type_name(node)
        return None if t is ERROR else t
    cx.unevaluated += 1
    e = cx.expr(node)
    cx.unevaluated -= 1
    if e.type is ERROR:
        return None
    return e.type


def preserve_type_info(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """Existence, size or match of a type."""
    name = "__builtin_preserve_type_info"
    if not _count(cx, node, arguments, 2):
        return ErrorExpr(span)
    subject = _subject(cx, arguments[0], name)
    kind = _kind(cx, arguments[1], _MAX_TYPE_KIND, name)
    if subject is None or kind is None:
        return ErrorExpr(span)
    if not _named(subject):
        return cx.wrong(
            "c-core", f"{name} argument 1 invalid: a named type is needed", span_of(arguments[0])
        )
    return CoreInfo("type", kind, UINT, span, subject=subject)


def _named(t: CType) -> bool:
    while True:
        if isinstance(t, Typedef):
            return True
        if isinstance(t, (RecordType, EnumType)):
            return bool(t.tag)
        base = getattr(t, "base", None)
        if base is None:
            return False
        t = base


def btf_type_id(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """The BTF id of a type, in the object (0) or in the kernel (1)."""
    name = "__builtin_btf_type_id"
    if not _count(cx, node, arguments, 2):
        return ErrorExpr(span)
    subject = _subject(cx, arguments[0], name)
    kind = _kind(cx, arguments[1], _MAX_ID_KIND, name)
    if subject is None or kind is None:
        return ErrorExpr(span)
    return CoreInfo("btf_id", kind, ULONG, span, subject=subject)


def preserve_enum_value(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """``(*(enum e *)ENUMERATOR, kind)``: existence or value of an enumerator."""
    name = "__builtin_preserve_enum_value"
    if not _count(cx, node, arguments, 2):
        return ErrorExpr(span)
    kind = _kind(cx, arguments[1], _MAX_ENUM_KIND, name)
    found = _enumerator(cx, arguments[0])
    if kind is None or found is None:
        if kind is not None:
            cx.error("c-core", f"{name} argument 1 invalid", span_of(arguments[0]))
        return ErrorExpr(span)
    subject, enumerator = found
    return CoreInfo("enum", kind, ULONG, span, subject=subject, enumerator=enumerator)


def _enumerator(cx: Context, node: Any) -> tuple[CType, tuple[str, int]] | None:
    """Read ``*(T *)ENUMERATOR`` off the syntax: the enum's type and the enumerator."""
    if node.__class__ is not n.UnaryOp or node.op != "*" or node.expr.__class__ is not n.Cast:
        return None
    pointer = cx.type_name(node.expr.to_type)
    real = strip(pointer)
    if not isinstance(real, PointerType) or not isinstance(strip(real.to), EnumType):
        return None
    inner = node.expr.expr
    if inner.__class__ is not n.ID:
        return None
    symbol = cx.lookup(inner.name)
    if not isinstance(symbol, EnumConst):
        return None
    symbol.used = True
    return real.to, (symbol.name, symbol.value)


CORE: dict[str, Handler] = {
    "preserve_access_index": preserve_access_index,
    "preserve_field_info": preserve_field_info,
    "preserve_type_info": preserve_type_info,
    "btf_type_id": btf_type_id,
    "preserve_enum_value": preserve_enum_value,
}
