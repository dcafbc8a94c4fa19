"""GNU C's own expressions, and C's that choose without evaluating: offsetof, _Generic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..ctype.layout import is_complete
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.relations import (
    compatible,
    split,
)
from ..ctype.types import (
    INT,
    ULONG,
    VOID,
    ArrayType,
    CType,
    PointerType,
    RecordType,
    strip,
)
from ..syntax import nodes as n
from ..tast.evaluate import evaluate_int
from ..tast.nodes import (
    AddressOf,
    Block,
    Cast,
    Deref,
    Expr,
    Index,
    IntConst,
    StmtExpr,
)
from .context import span_of
from .conversions import rvalue
from .expressions import along, is_relocated, widen_index
from .records import find_field, no_field
from .restrictions import no_variadic
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from typing import Any

    from .context import Context


# --------------------------------------------------------------------------- GNU C
def stmt_expr(cx: Context, node: Any) -> Expr:
    """``({ ... })``: the value of the last expression statement."""
    span = span_of(node)
    if cx.function is None:
        return cx.wrong(
            "c-statement-expression", "statement expression not allowed at file scope", span
        )
    block, result = cx.hooks.block_with_value(cx, node.body)
    assert isinstance(block, Block)
    if result is None:
        return StmtExpr(block, None, VOID, span)
    value = rvalue(cx, result)
    if value.type is ERROR:
        return ErrorExpr(span)
    return StmtExpr(block, value, value.type, span)


def offset_of(cx: Context, node: Any) -> Expr:
    """``__builtin_offsetof(type, member[.member | [index]]...)``."""
    t = cx.type_name(node.type)
    span = span_of(node)
    if t is ERROR:
        return ErrorExpr(span)
    if not isinstance(strip(t), RecordType):
        return cx.wrong(
            "c-offsetof",
            f"offsetof requires struct, union, or class type, {quoted(t)} invalid",
            span,
        )
    if not is_complete(t):
        cx.hooks.incomplete_use(cx, t, span, "offsetof of incomplete type")
        return ErrorExpr(span)
    e: Expr = Deref(IntConst(PointerType(t), 0, span), t, span)
    for designator in node.designators:
        if isinstance(designator, n.FieldDesignator):
            record = strip(e.type)
            if not isinstance(record, RecordType):
                return cx.wrong(
                    "c-member-access",
                    f"member reference base type {quoted(e.type)} is not a structure or union",
                    span_of(designator),
                )
            path = find_field(record, designator.name)
            if path is None:
                no_field(cx, record, designator.name, span_of(designator))
                return ErrorExpr(span)
            if path[-1].width is not None:
                return cx.wrong(
                    "c-offsetof", f"cannot compute offset of bit-field '{designator.name}'", span
                )
            e = along(e, record, path, span, span_of(designator))
        else:
            array = strip(e.type)
            if not isinstance(array, ArrayType):
                return cx.wrong(
                    "c-offsetof",
                    f"offsetof requires array type, {quoted(e.type)} invalid",
                    span_of(designator),
                )
            sub = rvalue(cx, cx.expr(designator.index))
            if integer_of(sub.type) is None:
                return ErrorExpr(span)
            e = Index(rvalue(cx, e), widen_index(sub), array.elem, span)
    pointer = AddressOf(e, PointerType(e.type), span)
    if not is_relocated(e):
        value = evaluate_int(pointer)
        if value is not None:
            return IntConst(ULONG, value, span)
    return Cast("ptr2int", pointer, ULONG, span)


def types_compatible(cx: Context, node: Any) -> Expr:
    """``__builtin_types_compatible_p``: ignores the outermost qualifiers."""
    a, b = cx.type_name(node.first), cx.type_name(node.second)
    if a is ERROR or b is ERROR:
        return ErrorExpr(span_of(node))
    x, y = split(a)[0], split(b)[0]
    return IntConst(INT, int(compatible(x, y)), span_of(node))


def choose_expr(cx: Context, node: Any) -> Expr:
    """``__builtin_choose_expr``: the chosen operand itself, lvalue or not."""
    cond = rvalue(cx, cx.expr(node.cond))
    if cond.type is ERROR:
        return ErrorExpr(span_of(node))
    value = evaluate_int(cond)
    if value is None:
        return cx.wrong(
            "c-not-constant",
            "'__builtin_choose_expr' requires a constant expression",
            span_of(node.cond),
        )
    return cx.expr(node.then if value else node.otherwise)


def generic(cx: Context, node: Any) -> Expr:
    """``_Generic`` (6.5.1.1)."""
    cx.unevaluated += 1
    control = rvalue(cx, cx.expr(node.expr))
    cx.unevaluated -= 1
    span = span_of(node)
    if control.type is ERROR:
        return ErrorExpr(span)
    chosen = default = None
    seen: list[CType] = []
    for association in node.associations:
        if association.type is None:
            if default is not None:
                return cx.wrong(
                    "c-generic",
                    "duplicate default generic association",
                    span_of(association.expr),
                )
            default = association.expr
            continue
        t = cx.type_name(association.type)
        if any(compatible(t, other) for other in seen):
            return cx.wrong(
                "c-generic",
                f"type {quoted(t)} in generic association compatible with previously specified "
                "type",
                span_of(association.type),
            )
        seen.append(t)
        if chosen is None and compatible(t, control.type):
            chosen = association.expr
    if chosen is None:
        chosen = default
    if chosen is None:
        return cx.wrong(
            "c-generic",
            f"controlling expression type {quoted(control.type)} not compatible with any generic "
            "association type",
            span_of(node.expr),
        )
    return cx.expr(chosen)


def va_arg(cx: Context, node: Any) -> Expr:
    """``va_arg`` does not exist: BPF functions take no variable arguments."""
    return no_variadic(cx, span_of(node))


def label_address(cx: Context, node: Any) -> Expr:
    """``&&label``: there are no computed gotos."""
    return cx.wrong(
        "bpf-unsupported-c",
        "addresses of labels are not available in BPF: there is no computed goto",
        span_of(node),
        fixits=[FixIt("use a switch")],
    )


RULES = {
    n.StmtExpr: stmt_expr,
    n.OffsetOf: offset_of,
    n.TypesCompatible: types_compatible,
    n.ChooseExpr: choose_expr,
    n.GenericSelection: generic,
    n.VaArg: va_arg,
    n.LabelAddress: label_address,
}
