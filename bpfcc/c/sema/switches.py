"""``switch``: cases, ranges, what is missing (C17 6.8.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import Note
from ..ctype.printing import quoted
from ..ctype.promotion import fits, integer_of, to_signed, to_unsigned, wrap
from ..ctype.types import (
    BOOL,
    INT,
    EnumType,
    strip,
)
from ..syntax import nodes as n
from ..tast.evaluate import evaluate_int
from ..tast.nodes import (
    Binary,
    Block,
    Expr,
    IntConst,
    Label,
    LabelSymbol,
    Stmt,
    Switch,
    Unary,
)
from .context import at_of, span_of, state
from .conversions import promoted, rvalue
from .statements import block_item, body
from .symbols import ERROR, FunctionState, SwitchState

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context


def switch(cx: Context, node: Any) -> Stmt:
    """``switch`` (6.8.4.2)."""
    function = state(cx)
    span = span_of(node)
    e = rvalue(cx, cx.expr(node.cond))
    source = e
    if e.type is not ERROR and integer_of(e.type) is None:
        cx.error(
            "c-switch",
            f"statement requires expression of integer type ({quoted(e.type)} invalid)",
            span_of(node.cond),
        )
        e = IntConst(INT, 0, e.span)
    if e.type is not ERROR:
        if integer_of(e.type) is BOOL or _is_truth(e):
            cx.warning("switch-bool", "switch condition has boolean value", span_of(node.cond))
        e = promoted(cx, e)
    made = Switch(e, Block([], span), span)
    function.switches.append(SwitchState(made, e.type, source))
    function.breakable += 1
    made.body = body(cx, node.stmt, None, "switch")
    function.breakable -= 1
    _check_enum_cases(cx, function.switches.pop(), span_of(node.cond))
    return made


def _is_truth(e: Expr) -> bool:
    """Whether ``e`` is a comparison or a logical operator."""
    if isinstance(e, Binary):
        return e.op in ("==", "!=", "<", ">", "<=", ">=", "&&", "||")
    return isinstance(e, Unary) and e.op == "!"


def _check_enum_cases(cx: Context, done: SwitchState, span: Span | None) -> None:
    """Warn when a switch over an enum without default misses enumerators (-Wswitch)."""
    enum = strip(done.value.type)
    if not isinstance(enum, EnumType) or done.node.default is not None:
        return
    missing = [name for name, value in enum.enumerators if done.find(value, value) is None]
    if not missing:
        return
    if len(missing) <= 3:
        shown = [f"'{name}'" for name in missing]
        joined = (
            shown[0]
            if len(shown) == 1
            else (
                " and ".join(shown)
                if len(shown) == 2
                else f"{shown[0]}, {shown[1]}, and {shown[2]}"
            )
        )
        message = f"enumeration value{'s' if len(shown) > 1 else ''} {joined} not handled in switch"
    else:
        message = (
            f"{len(missing)} enumeration values not handled in switch: "
            f"'{missing[0]}', '{missing[1]}', '{missing[2]}'..."
        )
    cx.warning("switch", message, span)


def case(cx: Context, node: Any) -> Stmt:
    """``case low ... high:`` and what it labels; long runs of cases are walked flat."""
    function = state(cx)
    out: list[Stmt] = []
    first = span_of(node)
    while node.__class__ in (n.Case, n.Default):
        if node.__class__ is n.Case:
            label = _case_label(cx, function, node)
        else:
            label = _default_label(cx, function, node)
        if label is not None:
            out.append(Label(label, at_of(node)))
        inner = node.stmts
        if len(inner) == 1 and inner[0].__class__ in (n.Case, n.Default):
            node = inner[0]
            continue
        for item in inner:
            block_item(cx, item, out)
        break
    return Block(out, first)


def _case_label(cx: Context, function: FunctionState, node: Any) -> LabelSymbol | None:
    span = at_of(node)
    if not function.switches:
        cx.error("c-case", "'case' statement not in switch statement", span)
        return None
    owner = function.switches[-1]
    if node.expr.__class__ is n.Range:
        low = _case_value(cx, owner, node.expr.low)
        high = _case_value(cx, owner, node.expr.high)
    else:
        low = high = _case_value(cx, owner, node.expr)
    if low is None or high is None:
        return None
    if low > high:
        cx.warning("empty-range", "empty case range specified", span_of(node.expr))
        return None
    before = owner.find(low, high)
    if before is not None:
        value, where = before
        cx.error(
            "c-duplicate-case",
            f"duplicate case value '{_enumerator(owner, value)}'",
            span_of(node.expr),
            notes=[Note("previous case defined here", where)],
        )
        return None
    owner.add(low, high, span_of(node.expr))
    label = LabelSymbol(f"case {low}", span)
    owner.node.cases.append((low, high, label))
    return label


def _enumerator(owner: SwitchState, value: int) -> str:
    enum = strip(owner.value.type)
    if isinstance(enum, EnumType):
        for name, number in enum.enumerators:
            if number == value:
                return name
    return str(value)


def _case_value(cx: Context, owner: SwitchState, node: Any) -> int | None:
    cx.unevaluated += 1
    e = rvalue(cx, cx.expr(node))
    cx.unevaluated -= 1
    if e.type is ERROR or owner.type is ERROR:
        return None
    value = evaluate_int(e)
    if value is None or integer_of(e.type) is None:
        cx.error(
            "c-not-constant",
            "expression is not an integer constant expression",
            span_of(node),
        )
        return None
    integer = integer_of(owner.type)
    assert integer is not None
    enum = strip(owner.value.type)
    if isinstance(enum, EnumType) and enum.enumerators:
        if not any(value == number for _, number in enum.enumerators) and value >= 0:
            cx.warning(
                "switch",
                f"case value not in enumerated type {quoted(owner.value.type)}",
                span_of(node),
            )
    elif not fits(value, to_signed(integer)) and not fits(value, to_unsigned(integer)):
        cx.warning(
            "switch",
            f"overflow converting case value to switch condition type ({value} to "
            f"{wrap(value, integer)})",
            span_of(node),
        )
    return wrap(value, integer)


def _default_label(cx: Context, function: FunctionState, node: Any) -> LabelSymbol | None:
    span = at_of(node)
    if not function.switches:
        cx.error("c-case", "'default' statement not in switch statement", span)
        return None
    owner = function.switches[-1]
    if owner.node.default is not None:
        cx.error(
            "c-duplicate-case",
            "multiple default labels in one switch",
            span,
            notes=[Note("previous case defined here", owner.default_span)],
        )
        return None
    label = LabelSymbol("default", span)
    owner.node.default = label
    owner.default_span = span
    return label


RULES = {
    n.Switch: switch,
    n.Case: case,
    n.Default: case,
}
