"""Inline assembly: the empty templates that are barriers, and real BPF instructions.

Source: GCC manual, "Extended Asm". A direct register output becomes the instruction's value; any
further output, and memory operands, are passed by address.
"""

from __future__ import annotations

from ...ir.module import AsmOperand
from ...ir.values import I32, I64, PTR, VOID, Instr, Type, Value
from ..ctype.layout import size_of
from ..tast import nodes as t
from . import expressions, lvalues
from .function import Fn
from .place import Place
from .scalars import ir_type, is_memory


def asm(f: Fn, s: t.Asm) -> None:
    """Lower an asm statement."""
    if not s.template.strip() and not s.labels and _barrier(f, s):
        return
    if len(s.labels) == 1 and not s.inputs and not s.outputs and _is_may_goto(s.template):
        after = f.block("may")
        f.b.may_goto(f.label(s.labels[0]), after)
        f.b.position(after)
        return
    _statement(f, s)


def _is_may_goto(template: str) -> bool:
    """Recognise ``may_goto %l[label]``, also as the bytes that headers write for old assemblers."""
    words = template.replace(";", " ; ").split()
    if len(words) == 2 and words[0] == "may_goto" and words[1].startswith("%l"):
        return True
    text = "".join(words)
    return text.startswith("1:.byte0xe5;.byte0;.long(") and text.endswith(";.short0")


def _barrier(f: Fn, s: t.Asm) -> bool:
    """An empty template: hides values from the optimiser, or orders memory accesses."""
    if any("m" in operand.constraint for operand in s.outputs + s.inputs):
        return False
    if len(s.outputs) > 1 or any(is_memory(o.expr.type) for o in s.outputs + s.inputs):
        return False
    b = f.b
    source: Value | None = None
    if s.outputs:
        output = s.outputs[0]
        place = lvalues.place(f, output.expr)
        if place.width is not None:
            return False
        if "+" in output.constraint:
            source = place.load(b)
        else:
            tied = [i for i in s.inputs if i.constraint.strip() in ("0", f"[{output.name}]")]
            if not tied or len(s.inputs) != 1:
                return False
            source = _fitting(f, expressions.value(f, tied[0].expr), ir_type(output.expr.type))
        hidden = b.opaque(source)
        expressions.name_value(hidden, output.expr)
        place.store(b, hidden)
    for operand in s.inputs if not s.outputs or "+" in s.outputs[0].constraint else ():
        b.opaque(expressions.value(f, operand.expr))
    if "memory" in s.clobbers or (not s.outputs and not s.inputs):
        b.fence()
    return True


def _fitting(f: Fn, value: Value, kind: Type) -> Value:
    """Bring a tied input to the type of its output."""
    b = f.b
    if value.type is kind:
        return value
    if value.type is PTR:
        value = b.ptrtoint(value)
    if kind is PTR:
        return b.inttoptr(b.resize(value, I64, signed=False))
    return b.resize(value, kind, signed=False)


def _statement(f: Fn, s: t.Asm) -> None:
    b = f.b
    constraints: list[AsmOperand] = []
    args: list[Value] = []
    result: tuple[Place, Type] | None = None
    direct = _direct_output(s)
    for i, operand in enumerate(s.outputs):
        place = lvalues.place(f, operand.expr)
        size = size_of(operand.expr.type)
        if i == direct and place.width is None:
            constraints.append(AsmOperand(operand.constraint, operand.name, size=size))
            if "+" in operand.constraint:
                args.append(place.load(b))
            result = (place, ir_type(operand.expr.type))
        else:
            if place.width is not None:
                f.unsupported("bit-field as the output of inline assembly", operand.expr.span)
                return
            constraints.append(
                AsmOperand(operand.constraint, operand.name, by_address=True, size=size)
            )
            args.append(place.address(b))
    for operand in s.inputs:
        constraints.append(_input(f, operand, args))
    clobbers = tuple(s.clobbers)
    b.span = s.span
    if s.labels:
        if result is not None:
            raise f.broken("asm goto with a direct output", s.span)
        after = f.block("afterasm")
        targets = [after] + [f.label(label) for label in s.labels]
        names = tuple(label.name for label in s.labels)
        b.asm_goto(s.template, constraints, args, targets, clobbers, names)
        b.position(after)
        return
    kind = result[1] if result is not None else VOID
    found = b.asm(kind, s.template, constraints, args, clobbers)
    if result is not None:
        result[0].store(b, found)


def _direct_output(s: t.Asm) -> int:
    """Return the number of the output that is the instruction's value, -1 for none."""
    if s.labels:
        return -1
    for i, operand in enumerate(s.outputs):
        letters = operand.constraint.lstrip("=+&%")
        if "r" in letters or "w" in letters:
            if not is_memory(operand.expr.type):
                return i
    return -1


def _input(f: Fn, operand: t.AsmOperand, args: list[Value]) -> AsmOperand:
    """Take one input: a register or constant, or an address for memory."""
    letters = operand.constraint.lstrip("&%")
    e = operand.expr
    size = size_of(e.type)
    if "m" in letters and "r" not in letters:
        while isinstance(e, t.Cast) and e.kind == "load":
            e = e.operand
        args.append(lvalues.address(f, e))
        return AsmOperand(operand.constraint, operand.name, by_address=True, size=size)
    found = expressions.value(f, e)
    if found.type is not PTR and found.type.bits < 32:
        if isinstance(found, Instr) and found.op == "trunc":
            # The register's other bits are not specified. As in clang they stay what they are:
            # kernel headers write "r"((short)x) to hand over a register as it is.
            found = found.args[0]
        else:
            found = f.b.resize(found, I32, signed=False)
    args.append(found)
    return AsmOperand(operand.constraint, operand.name, size=size)
