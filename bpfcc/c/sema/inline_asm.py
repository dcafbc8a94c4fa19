"""Inline assembly: its operands and what the template says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.types import (
    RecordType,
    VoidType,
    strip,
)
from ..syntax import nodes as n
from ..tast.evaluate import evaluate_int
from ..tast.nodes import (
    Asm,
    AsmOperand,
    IntConst,
    LabelSymbol,
    Stmt,
    VarRef,
)
from .context import span_of
from .conversions import rvalue
from .jumps import label_state
from .symbols import ERROR

if TYPE_CHECKING:
    from typing import Any

    from .context import Context


# --------------------------------------------------------------------------- asm
def asm(cx: Context, node: Any) -> Stmt | None:
    """Inline assembly with its operands."""
    outputs = [_operand(cx, item, output=True) for item in node.outputs]
    inputs = [_operand(cx, item, output=False) for item in node.inputs]
    labels: list[LabelSymbol] = []
    for item in node.labels:
        found = label_state(cx, item.name)
        found.used = found.used or span_of(item)
        labels.append(found.symbol)
    made_outputs = [o for o in outputs if o is not None]
    made_inputs = [i for i in inputs if i is not None]
    if len(made_outputs) != len(outputs) or len(made_inputs) != len(inputs):
        return None
    if not node.basic:
        _check_template(cx, node, len(outputs) + len(inputs) + len(labels))
    return Asm(
        node.template.string(),
        made_outputs,
        made_inputs,
        list(node.clobbers),
        labels,
        span_of(node),
        volatile=node.volatile or not outputs or node.goto,
    )


def _check_template(cx: Context, node: Any, count: int) -> None:
    """Check that every operand which the template names exists."""
    names = {item.name for item in (*node.outputs, *node.inputs) if item.name}
    names |= {item.name for item in node.labels}
    text = node.template.string()
    at = text.find("%")
    while at >= 0:
        at += 1
        if text[at : at + 1] in ("%", "="):
            at += 1
        else:
            if text[at : at + 1].isalpha():
                at += 1  # a modifier: %w0, %l[label]
            if text[at : at + 1] == "[":
                close = text.find("]", at)
                name = text[at + 1 : close]
                if close < 0 or name not in names:
                    cx.error(
                        "c-asm",
                        f"unknown symbolic operand name '{name}' in inline assembly string",
                        span_of(node.template),
                    )
                    return
                at = close + 1
            else:
                end = at
                while text[end : end + 1].isdigit():
                    end += 1
                if end == at or int(text[at:end]) >= count:
                    cx.error(
                        "c-asm",
                        f"invalid operand number '%{text[at:end]}' in inline asm string",
                        span_of(node.template),
                    )
                    return
                at = end
        at = text.find("%", at)


def _operand(cx: Context, node: Any, *, output: bool) -> AsmOperand | None:
    e = cx.expr(node.expr)
    constraint = node.constraint
    if e.type is ERROR:
        return None
    span = span_of(node.expr)
    if output:
        if not constraint or constraint[0] not in "=+":
            cx.error("c-asm", f"invalid output constraint '{constraint}' in asm", span_of(node))
            return None
        if not e.lvalue:
            cx.error("c-asm", "invalid lvalue in asm output", span)
            return None
        if isinstance(e, VarRef):
            e.symbol.writes += 1
            if constraint[0] == "+":
                e.symbol.refs += 1
        if isinstance(strip(e.type), RecordType) and "m" not in constraint:
            cx.error("c-asm", f"invalid type {quoted(e.type)} in asm output", span)
            return None
        return AsmOperand(node.name, constraint, e)
    if "m" in constraint and not any(c in constraint for c in "rig0123456789"):
        if not e.lvalue:
            cx.error("c-asm", "invalid lvalue in asm input for constraint 'm'", span)
            return None
        return AsmOperand(node.name, constraint, e)
    value = rvalue(cx, e)
    real = strip(value.type)
    if isinstance(real, (RecordType, VoidType)):
        cx.error("c-asm", f"invalid type {quoted(e.type)} in asm input", span)
        return None
    if constraint in ("i", "n", "I", "s"):
        known = evaluate_int(value)
        if known is not None and integer_of(value.type) is not None:
            value = IntConst(value.type, known, value.span)
    return AsmOperand(node.name, constraint, value)


def file_asm(cx: Context, node: Any) -> None:
    """Assembly at file scope."""
    cx.unit.asm.append(Asm(node.template.string(), [], [], [], [], span_of(node), volatile=True))


RULES = {n.Asm: asm}
