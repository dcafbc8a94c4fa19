"""Postfix and unary expressions, casts, compound literals, the comma (C17 6.5.2 to 6.5.4, 6.5.17).

Each rule returns an expression before lvalue conversion; who needs the value calls ``rvalue``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.layout import align_of, is_complete, size_of
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of, wrap
from ..ctype.relations import (
    address_space,
    pointer_to,
    qualifiers,
    qualify,
    unqualified,
)
from ..ctype.types import (
    INT,
    LONG,
    ULONG,
    VOID,
    ArrayType,
    CType,
    FloatType,
    FuncType,
    PointerType,
    Qualified,
    RecordType,
    VoidType,
    strip,
)
from ..syntax import nodes as n
from ..tast.evaluate import evaluate
from ..tast.nodes import (
    AddressOf,
    Cast,
    Comma,
    CompoundLiteral,
    Deref,
    Expr,
    FloatConst,
    FuncRef,
    IncDec,
    Index,
    Init,
    InitItem,
    IntConst,
    Member,
    StmtExpr,
    Unary,
    VarRef,
    VarSymbol,
)
from .atomic_objects import is_atomic, update
from .casts import cast, condition
from .context import span_of
from .conversions import bit_field_width, convert, no_float, promoted, rvalue
from .records import find_field, no_field
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from ..ctype.types import Field
    from .context import Context


# --------------------------------------------------------------------------- postfix
def index(cx: Context, node: Any, *, address: bool = False) -> Expr:
    """``a[i]``, which is ``*(a + i)`` with either operand the pointer; ``address``: of ``&a[i]``."""
    base, sub = rvalue(cx, cx.expr(node.name)), rvalue(cx, cx.expr(node.subscript))
    span = span_of(node)
    if base.type is ERROR or sub.type is ERROR:
        return ErrorExpr(span)
    if not isinstance(strip(base.type), PointerType) and isinstance(strip(sub.type), PointerType):
        base, sub = sub, base
    pointer = strip(base.type)
    if not isinstance(pointer, PointerType):
        return cx.wrong("c-subscript", "subscripted value is not an array or pointer", span)
    integer = integer_of(sub.type)
    if integer is None:
        return cx.wrong("c-subscript", "array subscript is not an integer", sub.span)
    elem = pointer.to
    if isinstance(strip(elem), FuncType):
        return cx.wrong(
            "c-subscript", f"subscript of pointer to function type {quoted(elem)}", span
        )
    if isinstance(strip(elem), VoidType):
        return Index(base, widen_index(sub), elem, span)
    if not is_complete(elem):
        cx.hooks.incomplete_use(cx, elem, span, "subscript of pointer to incomplete type")
        return ErrorExpr(span)
    _check_bounds(cx, base, sub, span, address)
    return Index(base, widen_index(sub), elem, span)


def widen_index(e: Expr) -> Expr:
    """Return an index as a 64-bit integer, extended by its own sign."""
    integer = integer_of(e.type)
    assert integer is not None
    if integer.size == 8 and integer.rank:
        return e
    return convert(e, LONG if integer.signed or integer.rank < 3 else ULONG)


def _check_bounds(cx: Context, base: Expr, sub: Expr, span: Span | None, address: bool) -> None:
    """Warn about a constant index outside a declared array (-Warray-bounds).

    The ``address`` of what comes after the last element may be taken (6.5.6p8).
    """
    if cx.unevaluated or not isinstance(sub, IntConst):
        return
    if not isinstance(base, Cast) or base.kind != "decay":
        return
    array = strip(base.operand.type)
    if not isinstance(array, ArrayType) or array.count is None:
        return
    if sub.value < 0:
        what = "before the beginning"
    elif sub.value >= array.count + address:
        if isinstance(base.operand, Member) and _is_last(base.operand):
            return  # an array at the end of a struct may go on behind it
        what = "past the end"
    else:
        return
    root = base.operand
    notes: list[Note] = []
    if isinstance(root, VarRef):
        notes = [Note(f"array '{root.symbol.name}' declared here", root.symbol.span)]
    cx.runtime_warning(
        "array-bounds",
        f"array index {sub.value} is {what} of the array (that has type {quoted(array)})",
        span,
        notes=notes,
    )


def _is_last(e: Member) -> bool:
    fields = e.record.fields
    return e.record.kind == "union" or fields is None or fields[-1] is e.field


def member(cx: Context, node: Any) -> Expr:
    """``a.b`` and ``p->b``; anonymous members on the way become explicit."""
    base = cx.expr(node.name)
    span = span_of(node)
    field_name = node.field.name
    name_span = span_of(node.field)
    if base.type is ERROR:
        return ErrorExpr(span)
    if node.type == "->":
        base = rvalue(cx, base)
        pointer = strip(base.type)
        if not isinstance(pointer, PointerType):
            if isinstance(pointer, RecordType):
                return cx.wrong(
                    "c-member-access",
                    f"member reference type {quoted(base.type)} is not a pointer; did you mean to "
                    "use '.'?",
                    span,
                    fixits=[FixIt("replace '->' by '.'")],
                )
            return cx.wrong(
                "c-member-access",
                f"member reference type {quoted(base.type)} is not a pointer",
                span,
            )
        base = deref(cx, base, base.span)
    elif isinstance(strip(base.type), PointerType):
        inner = strip(base.type)
        if isinstance(inner, PointerType) and isinstance(strip(inner.to), RecordType):
            return cx.wrong(
                "c-member-access",
                f"member reference type {quoted(base.type)} is a pointer; did you mean to use "
                "'->'?",
                span,
                fixits=[FixIt("replace '.' by '->'")],
            )
    record = strip(base.type)
    if not isinstance(record, RecordType):
        return cx.wrong(
            "c-member-access",
            f"member reference base type {quoted(base.type)} is not a structure or union",
            span,
        )
    if record.fields is None:
        cx.hooks.incomplete_use(cx, record, span, "incomplete definition of type", bare=True)
        return ErrorExpr(span)
    path = find_field(record, field_name)
    if path is None:
        no_field(cx, record, field_name, name_span)
        return ErrorExpr(span)
    return along(base, record, path, span, name_span)


def along(
    base: Expr, record: RecordType, path: list[Field], span: Span | None, name_span: Span | None
) -> Expr:
    """Follow a path of members from ``base``; each step is a ``Member`` of its own."""
    quals = qualifiers(base.type)
    space = address_space(base.type)
    for field in path:
        t = qualify(field.type, quals)
        if space:
            t = Qualified(t, space=space)
        found = Member(base, record, field, t, span)
        found.name_span = name_span
        base = found
        inner = strip(field.type)
        if isinstance(inner, RecordType):
            record = inner
    return base


def deref(cx: Context, pointer: Expr, span: Span | None) -> Expr:
    """Return ``*pointer`` for a pointer rvalue; ``*&x`` is ``x``."""
    real = strip(pointer.type)
    assert isinstance(real, PointerType)
    if isinstance(pointer, Cast) and pointer.kind == "func":
        return pointer.operand
    if isinstance(pointer, AddressOf):
        return pointer.operand
    return Deref(pointer, real.to, span)


# --------------------------------------------------------------------------- unary
def unary(cx: Context, node: Any) -> Expr:
    """All prefix operators, and postfix ++ and --."""
    op = node.op
    if op in ("sizeof", "_Alignof"):
        return _sizeof(cx, node)
    if op in ("++", "--", "p++", "p--"):
        return _inc_dec(cx, node)
    span = span_of(node)
    if op == "&":
        return _address(cx, node, span)
    e = cx.expr(node.expr)
    if op == "!":
        return logical_not(cx, e, span)
    e = rvalue(cx, e)
    if e.type is ERROR:
        return ErrorExpr(span)
    if op == "*":
        if not isinstance(strip(e.type), PointerType):
            return cx.wrong(
                "c-indirection",
                f"indirection requires pointer operand ({quoted(e.type)} invalid)",
                span,
            )
        return deref(cx, e, span)
    if op in ("__real__", "__imag__"):
        return cx.wrong("bpf-unsupported-c", "complex numbers are not available in BPF", span)
    return arithmetic_unary(cx, op, e, span)


def arithmetic_unary(cx: Context, op: str, e: Expr, span: Span | None) -> Expr:
    """``+``, ``-``, ``~`` on an rvalue."""
    if isinstance(strip(e.type), FloatType) and op != "~":
        if isinstance(e, FloatConst):
            return FloatConst(e.type, -e.value if op == "-" else e.value, span)
        return no_float(cx, span)
    if integer_of(e.type) is None:
        return cx.wrong(
            "c-operands", f"invalid argument type {quoted(e.type)} to unary expression", span
        )
    e = promoted(cx, e)
    integer = integer_of(e.type)
    assert integer is not None
    if op == "+":
        return convert(e, e.type, implicit=False, span=span) if not isinstance(e, IntConst) else e
    if isinstance(e, IntConst):
        value = -e.value if op == "-" else ~e.value
        if op == "-" and integer.signed and wrap(value, integer) != value:
            cx.warning(
                "integer-overflow",
                f"overflow in expression; result is {wrap(value, integer)} with type "
                f"{quoted(e.type)}",
                span,
            )
        return IntConst(e.type, wrap(value, integer), span)
    return Unary(op, e, e.type, span)


def logical_not(cx: Context, e: Expr, span: Span | None) -> Expr:
    """``!e``; the result is an int."""
    value = rvalue(cx, e)
    real = strip(value.type)
    if real is ERROR:
        return ErrorExpr(span)
    if not (integer_of(real) is not None or isinstance(real, (PointerType, FloatType))):
        return cx.wrong(
            "c-operands", f"invalid argument type {quoted(value.type)} to unary expression", span
        )
    e = condition(cx, e)
    if isinstance(e, ErrorExpr):
        return e
    known = e.value if isinstance(e, IntConst) else None
    if known is not None:
        return IntConst(INT, int(not known), span)
    return Unary("!", e, INT, span)


def _address(cx: Context, node: Any, span: Span | None) -> Expr:
    """``&x`` (6.5.3.2). A constant address folds, unless it is to be relocated (CO-RE)."""
    inner = node.expr
    e = index(cx, inner, address=True) if inner.__class__ is n.ArrayRef else cx.expr(inner)
    if e.type is ERROR:
        return ErrorExpr(span)
    if isinstance(e, FuncRef):
        return Cast("func", e, PointerType(e.type), span)
    if isinstance(strip(e.type), FuncType):
        return rvalue(cx, e)
    if not e.lvalue:
        # A cast is no lvalue, though its operand may be one.
        return cx.wrong(
            "c-address",
            f"cannot take the address of an rvalue of type {quoted(e.type)}",
            span,
        )
    if isinstance(e, Member) and e.field.width is not None:
        return cx.wrong("c-address", "address of bit-field requested", span)
    return address_of(cx, e, span)


def address_of(cx: Context, e: Expr, span: Span | None) -> Expr:
    """Return ``&e`` for an lvalue."""
    mark_address_taken(e)
    t = pointer_to(e.type)
    if isinstance(e, Deref):
        return convert(e.pointer, t, implicit=False, span=span)
    if not cx.preserve and not is_relocated(e):
        constant = evaluate(AddressOf(e, t, span))
        if isinstance(constant, int):
            return IntConst(t, constant, span)
    return AddressOf(e, t, span)


def is_relocated(e: Expr) -> bool:
    """Return whether an access goes through a record whose members CO-RE relocates."""
    while True:
        if isinstance(e, Member):
            if e.record.core:
                return True
            e = e.base
        elif isinstance(e, Index):
            e = e.pointer
        elif isinstance(e, Cast):
            e = e.operand
        else:
            return False


def mark_address_taken(e: Expr) -> None:
    """Note that the variable which ``e`` lies in has its address taken."""
    while isinstance(e, Member):
        e = e.base
    if isinstance(e, VarRef):
        e.symbol.address_taken = True
    elif isinstance(e, Index) and isinstance(e.pointer, Cast) and e.pointer.kind == "decay":
        mark_address_taken(e.pointer.operand)


def _sizeof(cx: Context, node: Any) -> Expr:
    """``sizeof`` and ``_Alignof`` (6.5.3.4); the operand is not evaluated."""
    span = span_of(node)
    operand = node.expr
    word = "sizeof" if node.op == "sizeof" else "alignof"
    width = None
    explicit = 0
    if operand.__class__ is n.Typename:
        t = cx.type_name(operand)
    else:
        cx.unevaluated += 1
        e = cx.expr(operand)
        cx.unevaluated -= 1
        t = e.type
        width = bit_field_width(e) if isinstance(e, Member) else None
        explicit = _declared_align(e)
    if t is ERROR:
        return ErrorExpr(span)
    if width is not None:
        return cx.wrong("c-sizeof", f"invalid application of '{word}' to bit-field", span)
    real = strip(t)
    if isinstance(real, (VoidType, FuncType)):
        return IntConst(ULONG, 1, span)
    if isinstance(real, ArrayType) and real.count is None and word == "alignof":
        return IntConst(ULONG, align_of(t), span)
    if not is_complete(t):
        cx.hooks.incomplete_use(
            cx, t, span, f"invalid application of '{word}' to an incomplete type"
        )
        return ErrorExpr(span)
    if word == "sizeof":
        return IntConst(ULONG, size_of(t), span)
    return IntConst(ULONG, max(align_of(t), explicit), span)


def _declared_align(e: Expr) -> int:
    if isinstance(e, VarRef):
        return e.symbol.align
    if isinstance(e, Member):
        return e.field.align
    return 0


def _inc_dec(cx: Context, node: Any) -> Expr:
    """``++`` and ``--`` (6.5.2.4, 6.5.3.1)."""
    e = cx.expr(node.expr)
    span = span_of(node)
    op = node.op[-2:]
    cx.modifications += 1
    what = "increment" if op == "++" else "decrement"
    if e.type is ERROR:
        return ErrorExpr(span)
    if not cx.hooks.modifiable(cx, e, span):
        return ErrorExpr(span)
    t = unqualified(e.type)
    real = strip(t)
    scale = 0
    if isinstance(real, PointerType):
        found = pointee_size(cx, real, span)
        if found is None:
            return ErrorExpr(span)
        scale = found
    elif isinstance(real, FloatType):
        return no_float(cx, span)
    elif integer_of(real) is None:
        return cx.wrong("c-operands", f"cannot {what} value of type {quoted(e.type)}", span)
    delta = 1 if op == "++" else -1
    prefix = node.op[0] != "p"
    if is_atomic(e.type):
        one = IntConst(INT, 1, span)
        return update(cx, op[0], e, one, span, scale=scale, new=prefix)
    return IncDec(e, delta, t, span, prefix=prefix, scale=scale)


def pointee_size(cx: Context, pointer: PointerType, span: Span | None) -> int | None:
    """Return the bytes that pointer arithmetic counts in; None (reported) if unknown."""
    real = strip(pointer.to)
    if isinstance(real, (VoidType, FuncType)):
        return 1  # GNU C
    if not is_complete(pointer.to):
        cx.hooks.incomplete_use(
            cx, pointer.to, span, "arithmetic on a pointer to an incomplete type"
        )
        return None
    return size_of(pointer.to)


# --------------------------------------------------------------------------- casts and literals
def cast_node(cx: Context, node: Any) -> Expr:
    """``(T)e``."""
    target = cx.type_name(node.to_type)
    e = cx.expr(node.expr)
    span = span_of(node)
    if target is ERROR:
        return ErrorExpr(span)
    if isinstance(e, StmtExpr) and e.type is ERROR:
        return ErrorExpr(span)
    return cast(cx, e, target, span)


def compound_literal(cx: Context, node: Any) -> Expr:
    """``(T){...}``: an unnamed object, static at file scope (6.5.2.5)."""
    t = cx.type_name(node.type)
    span = span_of(node)
    if t is ERROR:
        return ErrorExpr(span)
    storage = "auto" if cx.function is not None else "static"
    symbol = VarSymbol("", t, span, storage)
    symbol.link_name = cx.hooks.literal_name(cx)
    symbol.quiet = True
    symbol.init = cx.initializer(symbol, node.init)
    if symbol.init is None:
        return ErrorExpr(span)
    if storage == "static":
        cx.unit.variables.append(symbol)
        cx.defined[symbol] = None
        cx.reference(symbol, span)
    elif cx.function is not None:
        cx.function.symbol.locals.append(symbol)
        cx.scope.variables.append(symbol)
    return CompoundLiteral(symbol, span)


def union_cast(cx: Context, e: Expr, target: CType, field: Field, span: Span | None) -> Expr:
    """GNU C's cast to a union: an unnamed object whose member is the operand."""
    symbol = VarSymbol("", target, span, "auto" if cx.function is not None else "static")
    symbol.link_name = cx.hooks.literal_name(cx)
    symbol.init = Init([InitItem(field.offset, e, field.width)], span, zero=True)
    symbol.quiet = True
    if cx.function is not None:
        cx.function.symbol.locals.append(symbol)
        cx.scope.variables.append(symbol)
    literal = CompoundLiteral(symbol, span)
    return Cast("load", literal, unqualified(target), span)


def comma(cx: Context, node: Any) -> Expr:
    """``a, b`` (6.5.17)."""
    parts = node.exprs
    result = cx.expr(parts[0])
    for part in parts[1:]:
        cx.hooks.unused_value(cx, result)
        right = rvalue(cx, cx.expr(part))
        if result.lvalue and not isinstance(result, ErrorExpr):
            result = Cast("void", result, VOID, result.span)
        result = Comma(result, right, span_of(node)) if right.type is not ERROR else right
    return result


RULES = {
    n.ArrayRef: index,
    n.StructRef: member,
    n.UnaryOp: unary,
    n.Cast: cast_node,
    n.CompoundLiteral: compound_literal,
    n.ExprList: comma,
}
