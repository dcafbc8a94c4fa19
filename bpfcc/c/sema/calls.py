"""Function calls (C17 6.5.2.2): helpers, C functions, builtins, pointers; what cannot be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.layout import is_complete
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.relations import compatible, unqualified
from ..ctype.types import (
    CType,
    FloatType,
    FuncType,
    PointerType,
    RecordType,
    VoidType,
    strip,
)
from ..syntax import nodes as n
from ..tast.nodes import (
    Call,
    Cast,
    CompoundLiteral,
    Expr,
    FuncRef,
    FuncSymbol,
    IndirectCall,
    Init,
    InitItem,
    VarSymbol,
)
from .checks import check_map_call
from .context import span_of
from .conversions import assign, is_null, no_float, promoted, rvalue
from .dialect import TABLE_CALLS
from .formats import check_format
from .implicit import Target
from .missing import missing_function
from .restrictions import MAX_ARGUMENTS
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context


def call(cx: Context, node: Any) -> Expr:
    """A call."""
    span = span_of(node)
    arguments = node.args.exprs if node.args is not None else []
    callee_node = node.name
    if callee_node.__class__ is n.ID:
        symbol = cx.lookup(callee_node.name)
        if symbol is None:
            builtin = cx.hooks.builtin(callee_node.name)
            if builtin is not None:
                made: Expr = builtin(cx, node, arguments, span)
                return made
            return missing_function(cx, node, arguments, span)
        if isinstance(symbol, FuncSymbol) and symbol.builtin:
            special = cx.hooks.library(cx, symbol, node, arguments, span)
            if special is not None:
                found: Expr = special
                return found
    callee = cx.expr(callee_node)
    if callee.type is ERROR:
        for argument in arguments:
            cx.expr(argument)
        return ErrorExpr(span)
    return call_expr(cx, callee, arguments, span)


def call_expr(cx: Context, callee: Expr, arguments: list[Any], span: Span | None) -> Expr:
    """Call a checked function designator or pointer."""
    ftype = strip(callee.type)
    if isinstance(ftype, PointerType):
        callee = rvalue(cx, callee)
        ftype = strip(ftype.to)
    if not isinstance(ftype, FuncType):
        for argument in arguments:
            cx.expr(argument)
        return cx.wrong(
            "c-not-a-function",
            f"called object type {quoted(callee.type)} is not a function or function pointer",
            span,
        )
    direct = _direct(callee)
    values = check_arguments(cx, ftype, direct, arguments, span)
    if values is None:
        return ErrorExpr(span)
    t = unqualified(ftype.ret)
    if t is ERROR:
        return ErrorExpr(span)
    if not isinstance(strip(t), VoidType) and not is_complete(t):
        name = f"'{direct.name}' " if direct is not None else ""
        cx.error("c-incomplete", f"calling {name}with incomplete return type {quoted(t)}", span)
        return ErrorExpr(span)
    if isinstance(strip(t), FloatType) and not cx.unevaluated:
        return no_float(cx, span)
    if direct is not None:
        if not cx.unevaluated:
            check_format(cx, direct, values, arguments, span)
            if cx.function is not None:
                cx.function.calls.setdefault(direct, span)
        made = Call(direct, values, t, span)
        if direct.helper is not None and len(values) > MAX_ARGUMENTS:
            cx.error(
                "bpf-unsupported-c",
                f"this call of {direct.name}() has {len(values)} arguments; helpers take "
                f"{MAX_ARGUMENTS} at most",
                span,
                fixits=[FixIt("use bpf_printk()")] if "printk" in direct.name else None,
                kernel="too many arguments",
            )
            return ErrorExpr(span)
        if direct.builtin in TABLE_CALLS and cx.dialect is not None and not cx.unevaluated:
            cx.dialect.note_call(made)
        elif direct.helper is not None and not cx.unevaluated:
            check_map_call(cx, made)
        return made
    return IndirectCall(rvalue(cx, callee), values, t, span)


def _direct(callee: Expr) -> FuncSymbol | None:
    """The function that a designator names, through casts that change nothing."""
    while isinstance(callee, Cast) and callee.kind == "func":
        callee = callee.operand
    return callee.symbol if isinstance(callee, FuncRef) else None


def check_arguments(
    cx: Context,
    ftype: FuncType,
    symbol: FuncSymbol | None,
    arguments: list[Any],
    span: Span | None,
) -> list[Expr] | None:
    """Check and convert the arguments; None after an error."""
    params = ftype.params
    if ftype.prototype and not _count_ok(cx, ftype, symbol, arguments, span):
        for argument in arguments:
            cx.expr(argument)
        return None
    values: list[Expr] = []
    bad = False
    for i, argument in enumerate(arguments):
        e = cx.expr(argument)
        if i < len(params):
            note = _parameter_note(symbol, params[i][0])
            e = _pass(cx, e, params[i][1], note)
        else:
            e = default_promoted(cx, e)
        bad = bad or e.type is ERROR
        values.append(e)
    return None if bad else values


def _parameter_note(symbol: FuncSymbol | None, name: str) -> Note | None:
    if symbol is None or symbol.span is None or not name:
        return None
    return Note(f"passing argument to parameter '{name}' of '{symbol.name}'", symbol.span)


def _pass(cx: Context, e: Expr, t: CType, note: Note | None) -> Expr:
    real = strip(t)
    if isinstance(real, RecordType) and real.transparent:
        value = rvalue(cx, e)
        if strip(value.type) is not real:
            fields = real.fields or []
            exact = [f for f in fields if compatible(f.type, value.type, ignore_qualifiers=True)]
            pointer = strip(value.type)
            loose = []
            if is_null(value) or (
                isinstance(pointer, PointerType) and isinstance(strip(pointer.to), VoidType)
            ):
                loose = [f for f in fields if isinstance(strip(f.type), PointerType)]
            for field in exact or loose:
                return _wrap_union(cx, value, t, field.type)
    return assign(cx, e, Target("passing", t, note))


def _wrap_union(cx: Context, value: Expr, t: CType, member: CType) -> Expr:
    """Pass ``value`` as the member of a transparent union."""
    symbol = VarSymbol("", t, value.span, "auto")
    symbol.link_name = cx.hooks.literal_name(cx)
    symbol.quiet = True
    converted = assign(cx, value, Target("passing", member))
    symbol.init = Init([InitItem(0, converted)], value.span, zero=True)
    if cx.function is not None:
        cx.function.symbol.locals.append(symbol)
        cx.scope.variables.append(symbol)
    return Cast("load", CompoundLiteral(symbol, value.span), unqualified(t), value.span)


def default_promoted(cx: Context, e: Expr) -> Expr:
    """Apply the default argument promotions (6.5.2.2p6)."""
    e = rvalue(cx, e)
    real = strip(e.type)
    if isinstance(real, FloatType):
        return no_float(cx, e.span)
    if isinstance(real, VoidType):
        return cx.wrong("c-incompatible-types", "argument type 'void' is incomplete", e.span)
    if isinstance(real, RecordType):
        return cx.wrong(
            "c-variadic-argument",
            f"cannot pass object of type {quoted(e.type)} through a variadic function",
            e.span,
            fixits=[FixIt("pass its members, or its address")],
        )
    return promoted(cx, e) if integer_of(real) is not None else e


def _count_ok(
    cx: Context,
    ftype: FuncType,
    symbol: FuncSymbol | None,
    arguments: list[Any],
    span: Span | None,
) -> bool:
    want, have = len(ftype.params), len(arguments)
    if have == want or (have > want and ftype.variadic):
        return True
    at_least = "at least " if ftype.variadic else ""
    notes = None
    if symbol is not None and symbol.span is not None:
        notes = [Note(f"'{symbol.name}' declared here", symbol.span)]
    if have < want:
        if want == 1 and ftype.params[0][0] and not ftype.variadic:
            message = (
                "too few arguments to function call, single argument "
                f"'{ftype.params[0][0]}' was not specified"
            )
        else:
            message = f"too few arguments to function call, expected {at_least}{want}, have {have}"
        where = span
    else:
        message = f"too many arguments to function call, expected {want}, have {have}"
        where = span_of(arguments[want])
    cx.error("c-argument-count", message, where, notes=notes)
    return False


RULES = {n.FuncCall: call}
