"""Expressions to IR values.

``value`` gives an rvalue: an integer or pointer, or the address of memory for records and 128-bit
integers, or None for void. ``condition`` gives an i1, ``branch`` goes to one of two blocks without
making a value of a condition. Operators on 128-bit integers are in ``wide``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...btf.core import CoreKind
from ...ir.module import Block
from ...ir.values import I1, I8, I32, I64, PTR, VOID, Const, CoreConst, Symbol, Undef, Value
from ..ctype.layout import size_of
from ..ctype.types import ArrayType, CType, PointerType, VoidType, strip
from ..tast import nodes as t
from ..tast.evaluate import Address, evaluate, evaluate_int
from . import builtins, calls, lvalues, statements, wide
from .bitfields import narrowed
from .core import info
from .function import Fn
from .scalars import (
    as_bool,
    convert,
    ir_type,
    is_bool,
    is_memory,
    is_signed,
    is_volatile,
    is_wide,
    truth,
)

_COMPARE = {"==": "eq", "!=": "ne", "<": "lt", ">": "gt", "<=": "le", ">=": "ge"}
_PLAIN = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor", "<<": "shl"}


def value(f: Fn, e: t.Expr) -> Value:
    """Return the value of rvalue ``e``. A void expression gives an undefined value of type void."""
    rule = _RULES.get(e.__class__)
    if rule is None:
        raise f.broken(f"no rule for {e.__class__.__name__}", e.span)
    b = f.b
    saved = b.span
    b.span = e.span
    found = rule(f, e)
    b.span = saved
    return found


def effect(f: Fn, e: t.Expr) -> None:
    """Evaluate ``e`` for its effects only."""
    while isinstance(e, t.Cast) and e.kind in ("void", "same"):
        e = e.operand
    if isinstance(e, t.Cast) and e.kind == "load" and not is_volatile(e.operand.type):
        lvalue_effects(f, e.operand)
    elif isinstance(e, t.Comma):
        effect(f, e.left)
        effect(f, e.right)
    elif e.lvalue:
        lvalue_effects(f, e)
    elif isinstance(e, t.Conditional) and isinstance(strip(e.type), VoidType):
        _void_conditional(f, e)
    elif isinstance(e, t.Assign):
        saved, f.b.span = f.b.span, e.span
        assign(f, e, used=False)
        f.b.span = saved
    else:
        value(f, e)


def lvalue_effects(f: Fn, e: t.Expr) -> None:
    """Evaluate what has effects inside an lvalue that nobody reads."""
    if isinstance(e, t.VarRef):
        return
    lvalues.place(f, e)


# --------------------------------------------------------------------------- conditions
def condition(f: Fn, e: t.Expr) -> Value:
    """Return scalar ``e`` as an i1: whether it is not zero."""
    while isinstance(e, t.Cast) and e.kind in ("bool", "same") and not is_memory(e.operand.type):
        e = e.operand
    saved = f.b.span
    f.b.span = e.span
    try:
        if isinstance(e, t.Unary) and e.op == "!":
            return f.b.not_(condition(f, e.operand))
        if isinstance(e, t.Binary) and e.op in _COMPARE:
            return compare(f, e)
        if isinstance(e, t.Binary) and e.op in ("&&", "||"):
            return _logical(f, e)
        if is_wide(e.type):
            return wide.is_nonzero(f, value(f, e))
        return truth(f.b, value(f, e))
    finally:
        f.b.span = saved


def branch(f: Fn, e: t.Expr, then: Block, otherwise: Block, likely: bool | None = None) -> None:
    """Go to ``then`` if ``e`` is not zero, to ``otherwise`` if it is."""
    b = f.b
    while True:
        if isinstance(e, t.Cast) and e.kind in ("bool", "same"):
            e = e.operand
        elif isinstance(e, t.Unary) and e.op == "!":
            e = e.operand
            then, otherwise = otherwise, then
            likely = None if likely is None else not likely
        elif isinstance(e, t.BuiltinCall) and e.name == "expect":
            wanted = evaluate_int(e.args[1])
            if wanted is not None:
                likely = wanted != 0
            e = e.args[0]
        elif isinstance(e, t.Cast) and e.kind == "int" and _keeps_truth(e):
            e = e.operand
        else:
            break
    if isinstance(e, t.Binary) and e.op in ("&&", "||"):
        middle = f.block("and" if e.op == "&&" else "or")
        if e.op == "&&":
            branch(f, e.left, middle, otherwise, likely or None)
        else:
            branch(f, e.left, then, middle, None if likely else likely)
        b.position(middle)
        branch(f, e.right, then, otherwise, likely)
        return
    saved = b.span
    b.span = e.span
    test = condition(f, e)
    b.condbr(test, then, otherwise, likely)
    b.span = saved


def _keeps_truth(e: t.Cast) -> bool:
    """A widening conversion of an integer is zero exactly when its operand is."""
    return (
        not is_memory(e.type)
        and not is_memory(e.operand.type)
        and size_of(e.type) >= size_of(e.operand.type)
    )


def compare(f: Fn, e: t.Binary) -> Value:
    """Return a comparison as an i1."""
    kind = e.left.type
    if is_wide(kind):
        return wide.compare(f, e.op, value(f, e.left), value(f, e.right), is_signed(kind))
    op = _COMPARE[e.op]
    left, right = value(f, e.left), value(f, e.right)
    if left.type is not right.type:  # pointer and integer, after a warning
        left = left if left.type is not PTR else f.b.ptrtoint(left)
        right = right if right.type is not PTR else f.b.ptrtoint(right)
    if op not in ("eq", "ne"):
        op = ("s" if is_signed(kind) and left.type is not PTR else "u") + op
    return f.b.compare(op, left, right)


def _logical(f: Fn, e: t.Binary) -> Value:
    """``&&`` and ``||`` as an i1: the right side is evaluated only where it decides."""
    b = f.b
    left = evaluate_int(e.left) if not _has_effects(e.left) else None
    if left is not None:
        if bool(left) == (e.op == "||"):
            return b.i1(e.op == "||")
        return condition(f, e.right)
    right_block, end = f.block("and" if e.op == "&&" else "or"), f.block("logic")
    test = condition(f, e.left)
    source = b.block
    if e.op == "&&":
        b.emit("condbr", VOID, [test], {"targets": [right_block, end]})
    else:
        b.emit("condbr", VOID, [test], {"targets": [end, right_block]})
    b.position(right_block)
    right = condition(f, e.right)
    last = b.block
    b.br(end)
    b.position(end)
    return b.phi(I1, [(b.i1(e.op == "||"), source), (right, last)])


def _has_effects(e: t.Expr) -> bool:
    """Say whether evaluating ``e`` may do something (constants do nothing)."""
    return evaluate(e) is None


# --------------------------------------------------------------------------- leaves
def _int_const(f: Fn, e: t.IntConst) -> Value:
    if is_wide(e.type):
        return wide.constant(f, e.value)
    return Const(ir_type(e.type), e.value)


def _float_const(f: Fn, e: t.FloatConst) -> Value:
    return f.unsupported("floating-point value in BPF code", e.span, "use integers")


def _func_ref(f: Fn, e: t.FuncRef) -> Value:
    return f.module.function_address(e.symbol, e.span)


def _lvalue(f: Fn, e: t.Expr) -> Value:
    """An lvalue where a value is wanted: its address (arrays, records)."""
    return lvalues.address(f, e)


def _member(f: Fn, e: t.Member) -> Value:
    """A member of a record that is no lvalue (a call's result) is a value at once."""
    if e.lvalue or isinstance(strip(e.type), ArrayType):
        return _lvalue(f, e)
    return lvalues.place(f, e).load(f.b, e.field.name)


# --------------------------------------------------------------------------- conversions
def _cast(f: Fn, e: t.Cast) -> Value:
    kind = e.kind
    operand = e.operand
    b = f.b
    if kind == "load":
        return _load(f, e)
    if kind == "decay":
        return lvalues.address(f, operand)
    if kind == "func":
        return _func_ref(f, operand) if isinstance(operand, t.FuncRef) else value(f, operand)
    if kind == "void":
        effect(f, operand)
        return Undef(VOID)
    if kind == "bool":
        if is_wide(operand.type):
            return b.zext(wide.is_nonzero(f, value(f, operand)), I8)
        if _yields_bit(operand):
            return b.zext(condition(f, operand), I8)
        return as_bool(b, value(f, operand))
    if kind == "space":
        source, target = strip(operand.type), strip(e.type)
        if isinstance(source, PointerType) and isinstance(target, PointerType):
            if source.address_space != target.address_space:
                inner = value(f, operand)
                return b.addrspacecast(inner, source.address_space, target.address_space)
        return value(f, operand)
    if is_wide(e.type) or is_wide(operand.type):
        return wide.convert(f, value(f, operand), operand.type, e.type)
    if is_memory(e.type):
        return value(f, operand)
    return convert(b, value(f, operand), operand.type, e.type)


def _yields_bit(e: t.Expr) -> bool:
    """Say whether ``e`` is a test, which is an i1 before it becomes C's int."""
    if isinstance(e, t.Unary):
        return e.op == "!"
    return isinstance(e, t.Binary) and (e.op in _COMPARE or e.op in ("&&", "||"))


def _load(f: Fn, e: t.Cast) -> Value:
    """The value of an lvalue. Constant tables of the program itself are folded."""
    operand = e.operand
    if isinstance(operand, t.VarRef) and not is_memory(e.type):
        folded = _folded(f, e)
        if folded is not None:
            return folded
    place = lvalues.place(f, operand)
    name = operand.symbol.name if isinstance(operand, t.VarRef) else ""
    if isinstance(operand, t.Member):
        name = operand.field.name
    return place.load(f.b, name)


def _folded(f: Fn, e: t.Cast) -> Value | None:
    """Return the constant that loading a const variable gives, or None."""
    found = evaluate(e)
    if isinstance(found, int):
        return Const(ir_type(e.type), found)
    if isinstance(found, Address) and ir_type(e.type) is PTR:
        return address_value(f, found)
    return None


def address_value(f: Fn, found: Address) -> Value:
    """Return an address constant as a value."""
    base = found.base
    if isinstance(base, t.StringLit):
        pointer: Value = f.module.string(base.data, 1)
    elif isinstance(base, t.FuncSymbol):
        pointer = f.module.function_address(base, f.b.span)
    else:
        pointer = f.slot(base)
    if isinstance(pointer, Symbol):
        return Symbol(pointer.name, pointer.addend + found.offset)
    return f.b.ptradd(pointer, found.offset)


# --------------------------------------------------------------------------- operators
def _unary(f: Fn, e: t.Unary) -> Value:
    if e.op == "!":
        return f.b.zext(condition(f, e), ir_type(e.type))
    operand = value(f, e.operand)
    if is_wide(e.type):
        return wide.unary(f, e.op, operand)
    return f.b.neg(operand) if e.op == "-" else f.b.not_(operand)


def _binary(f: Fn, e: t.Binary) -> Value:
    if e.op in _COMPARE:
        return f.b.zext(compare(f, e), ir_type(e.type))
    if e.op in ("&&", "||"):
        return f.b.zext(_logical(f, e), ir_type(e.type))
    left = value(f, e.left)
    right = value(f, e.right)
    return arithmetic(f, e.op, left, right, e.type, e.right.type)


def arithmetic(f: Fn, op: str, left: Value, right: Value, kind: CType, right_kind: CType) -> Value:
    """Compute ``left op right`` in type ``kind``; a shift count may have another type."""
    b = f.b
    if is_wide(kind):
        return wide.binary(f, op, left, right, kind, right_kind)
    if op in ("<<", ">>"):
        if is_wide(right_kind):
            right = wide.low(f, right)
        right = b.resize(right, left.type, signed=False)
    signed = is_signed(kind)
    if op in _PLAIN:
        return b.binary(_PLAIN[op], left, right)
    if op == ">>":
        return b.binary("ashr" if signed else "lshr", left, right)
    if op == "/":
        return b.binary("sdiv" if signed else "udiv", left, right)
    return b.binary("srem" if signed else "urem", left, right)


def _ptr_add(f: Fn, e: t.PtrAdd) -> Value:
    count = evaluate_int(e.index)
    if count is not None:
        base, offset = lvalues.pointer_parts(f, e)
        return f.b.ptradd(base, offset)
    base, offset = lvalues.pointer_parts(f, e.pointer)
    index = value(f, e.index)
    scaled = index if e.scale == 1 else f.b.mul(index, Const(I64, e.scale))
    if e.subtract:
        scaled = f.b.neg(scaled)
    return f.b.ptradd(f.b.ptradd(base, scaled), offset)


def _ptr_diff(f: Fn, e: t.PtrDiff) -> Value:
    b = f.b
    difference = b.sub(b.ptrtoint(value(f, e.left)), b.ptrtoint(value(f, e.right)))
    if e.scale <= 1:
        return difference
    if e.scale & (e.scale - 1) == 0:  # exact: the pointers are in one array
        return b.ashr(difference, Const(I64, e.scale.bit_length() - 1))
    return b.sdiv(difference, Const(I64, e.scale))


def _address_of(f: Fn, e: t.AddressOf) -> Value:
    return lvalues.address(f, e.operand)


# --------------------------------------------------------------------------- assignment
def assign(f: Fn, e: t.Assign, *, used: bool = True) -> Value:
    """``target = value``; records and 128-bit integers are copied."""
    if is_memory(e.type):
        source = value(f, e.value)
        target = lvalues.place(f, e.target)
        target.copy_from(f.b, source)
        return target.address(f.b) if used else source
    if _target_first(e.target):
        target = lvalues.place(f, e.target)
        new = value(f, e.value)
    else:
        new = value(f, e.value)
        target = lvalues.place(f, e.target)
    name_value(new, e.target)
    target.store(f.b, new)
    return narrowed(f.b, target, new) if used and target.width is not None else new


def _target_first(e: t.Expr) -> bool:
    """A plain variable's place needs no code, so the order does not matter; else value first."""
    return isinstance(e, t.VarRef)


def name_value(found: Value, target: t.Expr) -> None:
    """Let a nameless value carry the name of the variable it is assigned to, for messages."""
    if isinstance(target, t.VarRef) and getattr(found, "name", None) == "":
        found.name = target.symbol.name  # type: ignore[attr-defined]


def _compound_assign(f: Fn, e: t.CompoundAssign) -> Value:
    b = f.b
    right = value(f, e.value)
    target = lvalues.place(f, e.target)
    target.close(b)
    old = target.load(b, _name(e.target))
    if e.scale or isinstance(strip(e.target.type), PointerType):
        step = right if e.scale <= 1 else b.mul(right, Const(I64, e.scale))
        new = b.ptradd(old, b.neg(step) if e.op == "-" else step)
    elif is_wide(e.compute) or is_wide(e.target.type):
        left = wide.convert(f, old, e.target.type, e.compute)
        result = arithmetic(f, e.op, left, right, e.compute, e.value.type)
        new = wide.convert(f, result, e.compute, e.target.type)
    else:
        left = convert(b, old, e.target.type, e.compute)
        result = arithmetic(f, e.op, left, right, e.compute, e.value.type)
        new = convert(b, result, e.compute, e.target.type)
    name_value(new, e.target)
    target.store(b, new)
    return narrowed(b, target, new) if target.width is not None else new


def _inc_dec(f: Fn, e: t.IncDec) -> Value:
    b = f.b
    target = lvalues.place(f, e.target)
    target.close(b)
    old = target.load(b, _name(e.target))
    kind = e.target.type
    if old.type is PTR and not is_memory(kind):
        new: Value = b.ptradd(old, e.delta * max(e.scale, 1))
    elif is_wide(kind):
        if not e.prefix:
            old = f.copied(old, kind)
        new = wide.binary(f, "+", old, wide.constant(f, e.delta), kind, kind)
    elif is_bool(kind):
        new = b.i8(1) if e.delta > 0 else b.binary("xor", old, b.i8(1))
    else:
        new = b.add(old, Const(old.type, e.delta))
    name_value(new, e.target)
    target.store(b, new)
    if not e.prefix:
        return old
    return narrowed(b, target, new) if target.width is not None else new


def _name(e: t.Expr) -> str:
    return e.symbol.name if isinstance(e, t.VarRef) else ""


# --------------------------------------------------------------------------- control in expressions
def _conditional(f: Fn, e: t.Conditional) -> Value:
    b = f.b
    kind = e.type
    if isinstance(strip(kind), VoidType):
        _void_conditional(f, e)
        return Undef(VOID)
    if e.then is None:
        return _elvis(f, e)
    known = evaluate_int(e.cond) if evaluate(e.cond) is not None else None
    if known is not None:
        chosen, other = (e.then, e.otherwise) if known else (e.otherwise, e.then)
        if not _defines_label(other):
            return value(f, chosen)
    then_block, else_block, end = f.block("then"), f.block("else"), f.block("end")
    temp = f.temp(kind) if is_memory(kind) else None
    branch(f, e.cond, then_block, else_block)
    incoming: list[tuple[Value, Block]] = []
    for block, arm in ((then_block, e.then), (else_block, e.otherwise)):
        b.position(block)
        found = value(f, arm)
        if temp is not None and not b.terminated:
            b.memcpy(temp, found, size_of(kind))
        if not b.terminated:
            incoming.append((found, b.block))
            b.br(end)
    return _joined(f, end, incoming, temp, kind)


def _joined(
    f: Fn, end: Block, incoming: list[tuple[Value, Block]], temp: Value | None, kind: CType
) -> Value:
    """Go on in ``end``, where the value comes from the arms that reach it."""
    f.b.position(end)
    if temp is not None:
        return temp
    if not incoming:
        return Undef(ir_type(kind))
    return f.b.phi(ir_type(kind), incoming)


def _elvis(f: Fn, e: t.Conditional) -> Value:
    """``cond ?: otherwise``; cond has been converted to the result's type where needed."""
    b = f.b
    first = value(f, e.cond)
    else_block, end = f.block("else"), f.block("end")
    kind = e.type
    test = wide.is_nonzero(f, first) if is_wide(e.cond.type) else truth(b, first)
    if is_wide(kind):
        first = wide.convert(f, first, e.cond.type, kind)
        temp: Value | None = f.copied(first, kind)
    else:
        first = convert(b, first, e.cond.type, kind)
        temp = None
    source = b.block
    b.emit("condbr", VOID, [test], {"targets": [end, else_block]})
    b.position(else_block)
    second = value(f, e.otherwise)
    if temp is not None:
        b.memcpy(temp, second, size_of(kind))
    last = b.block
    incoming = [(first, source)]
    if not b.terminated:
        incoming.append((second, last))
        b.br(end)
    return _joined(f, end, incoming, temp, kind)


def _void_conditional(f: Fn, e: t.Conditional) -> None:
    then_block, else_block, end = f.block("then"), f.block("else"), f.block("end")
    if e.then is None:
        value(f, e.cond)
        return
    branch(f, e.cond, then_block, else_block)
    for block, arm in ((then_block, e.then), (else_block, e.otherwise)):
        f.b.position(block)
        effect(f, arm)
        if not f.b.terminated:
            f.b.br(end)
    f.b.position(end)


def _defines_label(e: t.Expr) -> bool:
    """Say whether ``e`` holds statements, into which a goto may lead."""
    stack: list[Any] = [e]
    while stack:
        node = stack.pop()
        if isinstance(node, t.StmtExpr):
            return True
        for name in ("operand", "left", "right", "pointer", "index", "base", "target", "value"):
            child = getattr(node, name, None)
            if isinstance(child, t.Expr):
                stack.append(child)
        for child in getattr(node, "args", ()):
            stack.append(child)
        for name in ("cond", "then", "otherwise"):
            child = getattr(node, name, None)
            if isinstance(child, t.Expr):
                stack.append(child)
    return False


def _comma(f: Fn, e: t.Comma) -> Value:
    effect(f, e.left)
    return value(f, e.right)


def _stmt_expr(f: Fn, e: t.StmtExpr) -> Value:
    return statements.statement_expression(f, e)


def _call(f: Fn, e: t.Call) -> Value:
    return calls.call(f, e)


def _indirect_call(f: Fn, e: t.IndirectCall) -> Value:
    return calls.indirect_call(f, e)


def _builtin_call(f: Fn, e: t.BuiltinCall) -> Value:
    return builtins.builtin(f, e)


# --------------------------------------------------------------------------- CO-RE
def _core_access(f: Fn, e: t.CoreAccess) -> Value:
    f.preserve += 1
    try:
        return value(f, e.operand)
    finally:
        f.preserve -= 1


def _core_info(f: Fn, e: t.CoreInfo) -> Value:
    kind, root, access, number = info(f, e)
    wanted = ir_type(e.type)
    if kind in (CoreKind.TYPE_ID_LOCAL, CoreKind.TYPE_ID_TARGET, CoreKind.ENUMVAL_VALUE):
        found: Value = CoreConst(I64, kind, root, access, number)
    else:
        found = CoreConst(I32, kind, root, access, number)
    return f.b.resize(found, wanted, signed=False)


_RULES: dict[type, Callable[[Fn, Any], Value]] = {
    t.IntConst: _int_const,
    t.FloatConst: _float_const,
    t.StringLit: _lvalue,
    t.VarRef: _lvalue,
    t.Deref: _lvalue,
    t.Index: _lvalue,
    t.Member: _member,
    t.CompoundLiteral: _lvalue,
    t.FuncRef: _func_ref,
    t.Cast: _cast,
    t.Unary: _unary,
    t.Binary: _binary,
    t.PtrAdd: _ptr_add,
    t.PtrDiff: _ptr_diff,
    t.AddressOf: _address_of,
    t.Assign: assign,
    t.CompoundAssign: _compound_assign,
    t.IncDec: _inc_dec,
    t.Conditional: _conditional,
    t.Comma: _comma,
    t.StmtExpr: _stmt_expr,
    t.Call: _call,
    t.IndirectCall: _indirect_call,
    t.BuiltinCall: _builtin_call,
    t.CoreAccess: _core_access,
    t.CoreInfo: _core_info,
}
